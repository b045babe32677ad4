"""Where our description says more or less than the official one, and why: the one list of it.

Each entry is a pattern over the differences that ``tests/api/test_openapi.py`` finds, with ``+``
for what only we have, ``-`` for what only the official files have, ``~`` for another value.
A difference that is not listed fails that test, and so does an entry that nothing matches.
"""

from typing import Final

BEYOND: Final[dict[str, str]] = {
    "+ schemas.*.nullable": "every optional property may be null, and is null in answers that have no value",
    "~ *.pattern": "the official pattern of identifiers is anchored at one end of each alternative only;"
    " a test holds ours to what identifiers are",
    "+ schemas.*.enum.null": "an enumerated property may be null too",
    "+ schemas.MinutesSchedule.properties.seconds.*": "newer clients send seconds beside minutes",
    "+ schemas.TaskRun.properties.attempt_number.*": "tells a retry from the run it repeats",
    "+ schemas.TaskRun.properties.graph_run_group_id.*": "tells which runs are attempts of one",
    "+ schemas.TaskRun.properties.scheduled_from.*": "tells what caused the run",
    "+ schemas.TaskRun.properties.config.*": "tells the configuration that the run was given",
    "+ schemas.SuccessAcceptedResponse.properties.result_handler.*": "the other spelling of resultHandler",
    "+ *.parameters.resultLimit.schema.*": "its range and default stand only in the official prose",
    "- schemas.Warehouse.properties.*.format": "formats such as Percentage, which no validator knows",
    "- *.responses.410*": "what was dropped is not found; nothing is told to be gone",
    "- *Database*.responses.40[89].*": "only requests with a body time out or conflict",
    "- *Schema*.responses.40[89].*": "only requests with a body time out or conflict",
    "- *Warehouse*.responses.40[89].*": "only requests with a body time out or conflict",
    "+ createWarehouse.responses.404.*": "an unknown path is 404 whatever the operation",
    "+ *.responses.408*": "every request with a body may fail to arrive in time",
    "+ *.responses.415*": "every request with a method for bodies may name another type than JSON",
    "+ fetchResult.responses.429*": "the rate limit counts every request",
    "+ *.responses.401.headers.WWW-Authenticate*": "HTTP asks for it",
    "+ *.responses.405.headers.Allow*": "HTTP asks for it",
    "+ securitySchemes.SessionToken.*": "the official Python client sends its connector's session token",
    "- securitySchemes.ExternalOAuth.*": "there is no OAuth here",
    "- securitySchemes.SnowflakeOAuth.*": "there is no OAuth here",
    "+ *Statement*.responses.*.headers.X-Snowflake-Request-ID*": "every answer has the request's id",
    "- *Statement*.responses.*.headers": "every answer has the request's id",
    "+ *Statement*.responses.*.content.application/json.is": "every error has a body that says what it is",
    "- *Statement*.responses.*.content": "every error has a body that says what it is",
    "+ *Statement*.responses.200.headers.Link*": "spelled as everywhere else; case means nothing in a header",
    "- *Statement*.responses.200.headers.link*": "spelled as everywhere else; case means nothing in a header",
    "~ schemas.*.statementStatusUrl.format": "it is a path, as in all official examples",
    "- *Statement*.parameters.Accept*": "nothing but JSON is answered, whatever is accepted",
    "- *Statement*.parameters.User-Agent*": "nobody has to say what it is",
    "- *Statement*.parameters.X-Snowflake-Authorization-Token-Type*": "it belongs to the ways to sign in",
    "- *Statement*.parameters.*.allowEmptyValue": "false is what the standard takes for granted",
    "+ SubmitStatement.parameters.retry*": "clients send it with a request that they repeat",
    "+ SubmitStatement.body.*.nullable": "what may be left out may also be null",
    "+ SubmitStatement.body.*.bindings.additionalProperties*": "the values by position",
    "+ SubmitStatement.body.*.multi_statement_count.minimum": "its range stands only in the official prose",
    "+ schemas.ResultSet.*.byteLength.*": "the service has been seen to send it",
    "+ schemas.ResultSet.properties.statementHandles*": "stands only in the official prose",
    "- schemas.ResultSet.*.resultSetMetaData.properties.parameters.*": "a client knows what it has asked for",
    "- schemas.ResultSet.*.compressedSize*": "partitions are compressed when they are sent",
    "+ health*": "for whoever watches the server",
    "+ describe*": "the description itself",
}
