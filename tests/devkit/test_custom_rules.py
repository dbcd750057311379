# SPDX-License-Identifier: Apache-2.0
"""CEL rules in the embedded server: without the engine, of real CRDs, and what functions answer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from server_core import CRDS, CRONTABS, Api, crd, crontab

from k8s_core.model.yaml import load_yaml
from k8s_devkit import check_plugin
from k8s_devkit.api_server.custom.cel import engine
from k8s_devkit.api_server.custom.cel.escaping import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
EXAMPLES = Path(__file__).parents[2] / "plugins_examples"


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As if the extra ``[cel]`` were not installed."""
    monkeypatch.setitem(sys.modules, "cel_expr_python", None)
    engine.available.cache_clear()
    yield
    monkeypatch.undo()
    engine.available.cache_clear()


@pytest.mark.usefixtures("no_engine")
def test_without_the_engine_writes_are_warned_of(api: Api) -> None:
    document = crd({"n": {"type": "integer", "x-kubernetes-validations": [{"rule": "self.nonsense"}]}})
    assert api.send("POST", CRDS, document).status == 201
    api.core.settle()
    made = api.send("POST", CRONTABS, crontab(n=1))
    assert made.status == 201
    warning = dict(made.headers)["Warning"]
    assert "CEL rules of this resource were not evaluated" in warning
    assert "pip install 'k8s-core-devkit[cel]'" in warning


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*/src/*/crds/*.yaml")), ids=lambda file: file.stem)
def test_real_crds_and_their_rules_compile(api: Api, file: Path) -> None:
    made = api.send("POST", CRDS, load_yaml(file.read_text(encoding="utf-8")))
    assert made.status == 201, made.body


def test_a_rule_of_the_gateway_api_is_evaluated(api: Api) -> None:
    file = next(EXAMPLES.glob("*/src/*/crds/gateways.gateway.networking.k8s.io.yaml"))
    api.ok("POST", CRDS, load_yaml(file.read_text(encoding="utf-8")))
    api.core.settle()
    listener = {"name": "a", "port": 80, "protocol": "HTTP"}
    gateway = {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "Gateway",
        "metadata": {"name": "g"},
        "spec": {"gatewayClassName": "c", "listeners": [listener, {**listener, "name": "a"}]},
    }
    path = "/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways"
    refused = api.send("POST", path, gateway)
    assert refused.status == 422
    gateway["spec"]["listeners"] = [listener, {**listener, "name": "b", "port": 81}]
    assert api.send("POST", path, gateway).status == 201


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("quantity('1Gi').compareTo(quantity('1024Mi'))", 0),
        ("quantity('1').add(2).sub(quantity('500m')).asApproximateFloat()", 2.5),
        ("quantity('1500m').isInteger() || quantity('2k').asInteger() != 2000", False),
        ("ip('::1').isLoopback() && ip('224.0.0.1').isLinkLocalMulticast()", True),
        ("ip('8.8.8.8').isGlobalUnicast() && !ip('0.0.0.0').isGlobalUnicast()", True),
        ("ip.isCanonical('2001:DB8::1')", False),
        ("string(cidr('10.1.2.3/8').masked())", "10.0.0.0/8"),
        ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True),
        ("url('https://[::1]:80/a b?x=1&x=2').getHostname()", "error"),
        ("url('https://[::1]:80/p?x=1&x=2').getHostname()", "::1"),
        ("url('https://a:80/p?x=1&x=2').getQuery()['x'][1]", "2"),
        ("semver('1.2.3-rc.1').isLessThan(semver('1.2.3'))", True),
        ("semver('v01.2', true).minor()", 2),
        ("isSemver('v1.2')", False),
        ("format.named('dns1123Label').value().validate('a').hasValue()", False),
        ("format.uuid().validate('x').value().size()", 1),
        ("[3, 1, 2].max() + [3, 1, 2].min() + [1, 2].sum()", 7),
        ("[1.5, 2.0].sum()", 3.5),
        ("['a', 'b', 'a'].lastIndexOf('a') + 'banana'.indexOf('n', 3)", 6),
        ("duration('1h') + duration('30m') == duration('90m')", True),
        ("'abc'.findAll('[a-b]').join('+')", "a+b"),
        ("/* no comment */ 1", "error"),
        ("'validate(' + 'x' // validate(1)", "validate(x"),
    ],
)
def test_what_functions_answer(expression: str, value: Any) -> None:
    try:
        found = engine.evaluate(engine.program(expression), {})
    except (engine.CannotCompile, engine.CannotEvaluate):
        found = "error"
    assert found == value


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a-b", "a__dash__b"),
        ("x.y/z", "x__dot__y__slash__z"),
        ("u__v", "u__underscores__v"),
        ("namespace", "__namespace__"),
        ("plain", "plain"),
    ],
)
def test_names_are_escaped(name: str, escaped: str) -> None:
    assert escape(name) == escaped
    assert escape("$x") is None


@pytest.mark.usefixtures("no_engine")
def test_a_plugin_check_says_once_that_rules_were_not_evaluated() -> None:
    report = check_plugin("k8s-crd-gateway-api")
    assert report.ok, report.text()
    [finding] = [finding for finding in report.findings if finding.subject == "CEL rules"]
    assert (finding.state, finding.fix) == ("skipped", "pip install 'k8s-core-devkit[cel]'")
