# SPDX-License-Identifier: Apache-2.0
"""The CEL engine: expressions compiled once, evaluated with plain values; nothing is imported before the first rule.

The engine is Google's C++ runtime (``cel-expr-python``). Evaluation is untyped, so that a field which is absent is an
error as in Kubernetes and not a zero; `checking` compiles the same text with the types of a schema.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

from k8s_devkit.api_server.custom.cel.escaping import rewrite

__all__ = ["MISSING", "CannotCompile", "CannotEvaluate", "available", "evaluate", "program", "with_optional"]

MISSING = (
    "CEL rules of this resource were not evaluated: the embedded API server needs the extra k8s-core-devkit[cel] "
    "(pip install 'k8s-core-devkit[cel]')"
)
VARIABLES = (
    "self",
    "oldSelf",
    "present_",
    "old_",
    "object",
    "oldObject",
    "request",
    "params",
    "namespaceObject",
    "variables",
    "authorizer",
)
_CONVERSION = "type conversion error from 'string' to "
_WORDS = {
    "divide by zero": "division by zero",
    "cannot convert string to int": f"{_CONVERSION}'int'",
    "cannot convert string to uint": f"{_CONVERSION}'uint'",
    "cannot convert string to double": f"{_CONVERSION}'double'",
    "String to Duration conversion failed": f"{_CONVERSION}'google.protobuf.Duration'",
    "String to Timestamp conversion failed": f"{_CONVERSION}'google.protobuf.Timestamp'",
}
_STATUS = re.compile(r"^[A-Z_]+: ")
_TAIL = re.compile(r" \[[A-Z_]+\]$")


class CannotCompile(Exception):
    """An expression that does not compile; the text is the compiler's, with places in the expression."""


class CannotEvaluate(Exception):
    """An evaluation that ended in an error; the text is Kubernetes'."""


@cache
def available() -> bool:
    """True if the packages of the extra ``[cel]`` are installed."""
    try:
        return find_spec("cel_expr_python") is not None and find_spec("google.protobuf") is not None
    except ModuleNotFoundError:
        return False  # of `google`, the package around


@cache
def environment() -> Any:
    """The untyped environment in which everything is evaluated."""
    from cel_expr_python import cel

    from k8s_devkit.api_server.custom.cel.library import EVALUATION, evaluated_functions

    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(EVALUATION),
        variables=dict.fromkeys(VARIABLES, cel.Type.DYN),
        functions=evaluated_functions(),
    )


def with_optional(expression: str) -> str:
    """The expression with ``oldSelf`` as an optional, as ``optionalOldSelf`` asks for; a line is put before it."""
    return f"cel.bind(oldSelf, present_ ? optional.of(old_) : optional.none(),\n{expression}\n)"


@lru_cache(maxsize=4096)
def program(expression: str) -> Any:
    """The program of an expression. Raises CannotCompile."""
    return compile_in(environment(), rewrite(expression, evaluated=True))


def compile_in(environment: Any, text: str) -> Any:
    """Compile in one environment. Raises CannotCompile."""
    try:
        return environment.compile(text)
    except RuntimeError as error:
        raise CannotCompile(_TAIL.sub("", _STATUS.sub("", str(error)))) from None


def evaluate(program: Any, values: dict[str, Any]) -> Any:
    """The value of a program as plain Python. Raises CannotEvaluate."""
    from cel_expr_python import cel

    try:
        result = program.eval(data=values)
    except RuntimeError as error:  # a value that the engine cannot take
        raise CannotEvaluate(_STATUS.sub("", str(error))) from None
    if result.type() == cel.Type.ERROR:
        raise CannotEvaluate(_kubernetes_text(str(result.plain_value())))
    return result.plain_value()


def _kubernetes_text(text: str) -> str:
    text = _STATUS.sub("", text)
    if match := re.search(r'Key not found in map : "?(.*?)"?$', text):
        return f"no such key: {match[1]}"
    if match := re.search(r"Index error: index=(-?\d+)", text):
        return f"index out of bounds: {match[1]}"
    if text.startswith(("No matching overloads", "Applying SELECT")):
        return "no such overload"
    return _WORDS.get(text, text)
