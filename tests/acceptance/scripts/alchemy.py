"""The official dialect of SQLAlchemy: tables made, filled, asked, reflected and dropped."""

from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from client import connect, scratch_schema
from snowflake import sqlalchemy as snow
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Person(Base):
    __tablename__ = "people"
    __table_args__ = (sa.UniqueConstraint("name", "born", name="once"), {"comment": "Who lives here."})

    id: Mapped[int] = mapped_column(sa.Sequence("people_ids"), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50), comment="As it is called.")
    born: Mapped[datetime | None]
    amount: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2), server_default=sa.text("7"))
    addresses: Mapped[list["Address"]] = relationship(back_populates="person", order_by="Address.id")


class Address(Base):
    __tablename__ = "addresses"

    id: Mapped[int] = mapped_column(sa.Sequence("address_ids"), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", name="whose", ondelete="CASCADE"))
    text: Mapped[str]
    person: Mapped[Person] = relationship(back_populates="addresses")


kinds = sa.Table(
    "kinds",
    Base.metadata,
    sa.Column("n", sa.Integer, sa.Identity(start=5, increment=2), primary_key=True),
    sa.Column("v", snow.VARIANT),
    sa.Column("o", snow.OBJECT),
    sa.Column("a", snow.ARRAY),
    sa.Column("ntz", snow.TIMESTAMP_NTZ),
    sa.Column("ltz", snow.TIMESTAMP_LTZ),
    sa.Column("tz", snow.TIMESTAMP_TZ),
    sa.Column("d", sa.Date),
    sa.Column("clock", sa.Time),
    sa.Column("b", sa.Boolean),
    sa.Column("x", sa.LargeBinary),
    sa.Column("f", sa.Float),
    sa.Column("q", sa.BigInteger),
)


def rows_are_written_and_read(engine):
    with Session(engine) as session:
        ada = Person(name="Ada", born=datetime(1815, 12, 10), amount=Decimal("1.50"))
        ada.addresses = [Address(text="London"), Address(text="Torquay")]
        session.add_all([ada, Person(name="Grace")])
        session.commit()
        assert session.scalars(sa.select(Person.name).order_by(Person.id)).all() == ["Ada", "Grace"]
        found = session.scalars(
            sa.select(Person).join(Person.addresses).where(Address.text == "London")
        ).one()
        assert [each.text for each in found.addresses] == ["London", "Torquay"]
        found.amount = 3
        session.delete(found.addresses[0])
        session.commit()
        assert session.scalar(sa.select(sa.func.count(Address.id))) == 1
        total = session.execute(sa.select(sa.func.count(), sa.func.sum(Person.amount))).one()
        assert total == (2, Decimal("10.00")), total
    with Session(engine) as session:
        session.execute(sa.delete(Address))
        session.rollback()
        named = sa.text("select name from people where name like :pattern")
        assert session.execute(named, {"pattern": "G%"}).scalars().all() == ["Grace"]
        assert session.scalar(sa.select(sa.func.count(Address.id))) == 1
    with engine.begin() as connection:
        more = [{"name": name, "born": None} for name in ("Joan", "Karen", "Lois")]
        done = connection.execute(sa.insert(Person).values(amount=0), more)
        assert done.rowcount == 3, done.rowcount
        page = sa.select(Person.name).order_by(Person.name.desc()).limit(2).offset(1)
        assert connection.execute(page).scalars().all() == ["Karen", "Joan"]


def tables_are_merged(engine):
    people = Person.__table__
    with engine.begin() as connection:
        source = sa.text("(select 1 as id, 'Ada L.' as name union all select 99, 'Zoe') as s")
        merge = snow.MergeInto(target=people, source=source, on=sa.text("people.id = s.id"))
        merge.when_matched_then_update().values(name=sa.literal_column("s.name"))
        merge.when_not_matched_then_insert().values(
            id=sa.literal_column("s.id"), name=sa.literal_column("s.name")
        )
        connection.execute(merge)
        names = connection.execute(sa.select(people.c.name).where(people.c.id.in_([1, 99]))).scalars()
        assert sorted(names) == ["Ada L.", "Zoe"]


def each_type_comes_back(engine):
    at = datetime(2026, 1, 2, 3, 4, 5, 678000)
    with engine.begin() as connection:
        given = {"ntz": at, "ltz": at.replace(tzinfo=UTC), "tz": at.replace(tzinfo=UTC), "d": at.date()}
        given |= {"clock": at.time(), "b": True, "x": b"\0\1", "f": 0.5, "q": 2**40}
        connection.execute(kinds.insert(), given)
        half = sa.text(
            "update kinds set v = parse_json('[1]'), o = object_construct('k', 1), a = array_construct(1)"
        )
        connection.execute(half)
        row = connection.execute(sa.select(kinds)).one()
    assert (row.ntz, row.d, row.clock, row.b, row.x, row.f, row.q) == (
        *(at, at.date(), at.time(), True, b"\0\1", 0.5, 2**40),
    ), row
    assert row.ltz == row.tz == at.replace(tzinfo=UTC), (row.ltz, row.tz)
    assert (row.n, row.v, row.o, row.a) == (5, [1], {"k": 1}, [1]), row


def what_is_there_is_reflected(engine):
    with engine.begin() as connection:
        connection.execute(sa.text("create view named as select id, name from people"))
    inspector = sa.inspect(engine)
    assert sorted(inspector.get_table_names()) == ["addresses", "kinds", "people"]
    assert inspector.get_view_names() == ["named"]
    assert "select id, name from people" in inspector.get_view_definition("named").lower()
    assert "people_ids" in inspector.get_sequence_names()
    assert inspector.has_table("people")
    assert not inspector.has_table("nobody")
    assert inspector.has_sequence("people_ids")
    assert inspector.get_table_comment("people")["text"] == "Who lives here."
    columns = {column["name"]: column for column in inspector.get_columns("people")}
    assert list(columns) == ["id", "name", "born", "amount"]
    assert (columns["name"]["nullable"], columns["name"]["comment"]) == (False, "As it is called.")
    assert (columns["amount"]["type"].precision, columns["amount"]["type"].scale) == (10, 2)
    assert columns["amount"]["default"] == "7", columns["amount"]
    counted = inspector.get_columns("kinds")[0]
    assert (counted["identity"]["start"], counted["identity"]["increment"]) == (5, 2), counted
    assert inspector.get_pk_constraint("people")["constrained_columns"] == ["id"]
    (once,) = inspector.get_unique_constraints("people")
    assert (once["name"], once["column_names"]) == ("once", ["name", "born"]), once
    (whose,) = inspector.get_foreign_keys("addresses")
    assert (whose["name"], whose["referred_table"], whose["options"]) == (
        *("whose", "people"),
        {"ondelete": "cascade"},
    ), whose
    types = {column["name"]: type(column["type"]).__name__ for column in inspector.get_columns("kinds")}
    assert [types[name] for name in ("v", "o", "a", "ntz", "ltz", "tz")] == [
        *("VARIANT", "OBJECT", "ARRAY", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"),
    ], types
    reflected = sa.MetaData()
    reflected.reflect(engine, views=True)
    assert set(reflected.tables) == {"people", "addresses", "kinds", "named"}


with connect(warehouse="compute_wh") as connection, scratch_schema(connection) as database:
    engine = sa.create_engine(
        "snowflake://", creator=lambda: connect(warehouse="compute_wh", database=database, schema="work")
    )
    Base.metadata.create_all(engine)
    rows_are_written_and_read(engine)
    tables_are_merged(engine)
    each_type_comes_back(engine)
    what_is_there_is_reflected(engine)
    Base.metadata.drop_all(engine)
    engine.dispose()
