"""Reading what is done with cursors, result sets and jobs in the background."""

from clockmill.sql.scripting.ast import Async, Await, Cancel, Close, Fetch, Open
from clockmill.sql.scripting.declarations import read_query, read_using
from clockmill.sql.scripting.reader import Reader


def read_open(reader: Reader) -> Open:
    start = reader.token.start
    reader.expect("OPEN")
    cursor = reader.identifier()
    using = read_using(reader) if reader.accept("USING") else ()
    reader.expect(";")
    return Open(start=start, cursor=cursor, using=using)


def read_fetch(reader: Reader) -> Fetch:
    start = reader.token.start
    reader.expect("FETCH")
    cursor = reader.identifier()
    reader.expect("INTO")
    into = reader.listed(reader.target)
    reader.expect(";")
    return Fetch(start=start, cursor=cursor, into=into)


def read_close(reader: Reader) -> Close:
    start = reader.token.start
    reader.expect("CLOSE")
    cursor = reader.identifier()
    reader.expect(";")
    return Close(start=start, cursor=cursor)


def read_async(reader: Reader) -> Async:
    start = reader.token.start
    reader.expect("ASYNC")
    query = read_query(reader)
    reader.expect(";")
    return Async(start=start, query=query)


def read_await(reader: Reader) -> Await:
    start = reader.token.start
    reader.expect("AWAIT")
    name = None if reader.accept("ALL") else reader.identifier()
    reader.expect(";")
    return Await(start=start, name=name)


def read_cancel(reader: Reader) -> Cancel:
    start = reader.token.start
    reader.expect("CANCEL")
    name = reader.identifier()
    reader.expect(";")
    return Cancel(start=start, name=name)
