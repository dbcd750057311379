# SPDX-License-Identifier: Apache-2.0
"""``check_plugin``: what each check finds in a package that breaks its promise, and that it says how to mend it."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from probe_package import CLASSES, INIT, install, the_finding

from k8s_core.cli import main
from k8s_core.errors import PluginError
from k8s_core.model.yaml import dump_yaml
from k8s_devkit import check_plugin

if TYPE_CHECKING:
    from pathlib import Path

    from fake_site import FakeSite

pytestmark = pytest.mark.slow  # each test tries a whole package


@pytest.fixture(autouse=True)
def _subprocesses_see_the_site(site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(site.root))


def test_a_sound_package_passes_every_check(site: FakeSite) -> None:
    install(site)
    report = check_plugin("k8s-probe")
    assert report.ok, report.text()
    states = {finding.check: finding.state for finding in report.findings}
    assert states.pop("wheel contents") == states.pop("server side") == "skipped"
    assert set(states) == {
        "version pins", "hooks", "thin import", "kinds unique", "classes", "round trip", "secrets", "CRDs",
        "on the server",
    }  # fmt: skip
    assert set(states.values()) == {"ok"}
    assert check_plugin("probepkg", live=False).ok


def test_a_package_that_is_not_there(site: FakeSite) -> None:
    with pytest.raises(
        PluginError, match=r"no installed plugin package is called 'k8s-nothing'; installed are: .*k8s-"
    ):
        check_plugin("k8s-nothing")


@pytest.mark.parametrize(
    ("requires", "state", "message"),
    [
        ((), "error", "does not require k8s-core"),
        (("k8s-core",), "warning", "without an upper bound"),
        (("requests", "k8s_core~=0.1"), "ok", "k8s_core~=0.1"),
    ],
)
def test_version_pins(site: FakeSite, requires: tuple[str, ...], state: str, message: str) -> None:
    install(site, requires=requires)
    finding = the_finding(check_plugin("k8s-probe", live=False, examples=1), "version pins")
    assert (finding.state, message in finding.message) == (state, True)
    assert finding.fix.startswith("dependencies = ") or state == "ok"


def test_a_misspelt_hook(site: FakeSite) -> None:
    install(site, init=INIT.replace("def k8s_register_kinds", "def k8s_register_kind"))
    finding = the_finding(check_plugin("k8s-probe"), "hooks")
    assert finding.state == "error"
    assert "unknown hook 'k8s_register_kind'" in finding.message
    assert "hooks.md" in finding.fix


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("from probepkg.v1 import Probe", "imports probepkg.v1"),
        ("import urllib3", "imports urllib3"),
        (
            "open('/tmp/never', 'w').close() if False else __import__('os').system('true')",
            "I/O when it is imported: os",
        ),
        ("import socket; socket.getaddrinfo('127.0.0.1', 1)", "I/O when it is imported: socket.getaddrinfo"),
        ("sum(i * i for i in range(3_000_000))", "ms of CPU to import"),
    ],
)
def test_a_fat_import(site: FakeSite, line: str, message: str) -> None:
    install(site, init=f"{line}\n{INIT}")
    report = check_plugin("k8s-probe", live=False, examples=1)
    found = [finding for finding in report.findings if finding.check == "thin import"]
    assert any(message in finding.message for finding in found), report.text()


def test_a_kind_that_somebody_else_provides(site: FakeSite) -> None:
    install(site)
    site.add_kinds("k8s-rival", "rival", "probe.example.com", "Probe", version="9")
    finding = the_finding(check_plugin("k8s-probe", live=False), "kinds unique")
    assert (finding.state, finding.message) == ("error", "k8s-rival 9 provides it too, as rival.v1:Probe")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('plural="probes"', 'plural="probeses"', "filed as plural 'probes', the class says 'probeses'"),
        ('short_names=("pr",)', 'short_names=("p",)', "filed with short names"),
        ("colour: str | None", "colour: complex | None", "is no field type"),
        ('version="v1"', 'version="v2"', "its class keywords say probe.example.com/v2 Probe"),
        ("class Probe(", "class Prob(", "has no attribute 'Probe'"),
    ],
)
def test_classes_that_are_not_what_was_filed(site: FakeSite, old: str, new: str, message: str) -> None:
    install(site, classes=CLASSES.replace(old, new))
    finding = the_finding(check_plugin("k8s-probe", live=False), "classes")
    assert finding.state == "error"
    assert message in finding.message


def test_a_class_that_loses_fields(site: FakeSite) -> None:
    lossy = (
        CLASSES + "\n    def to_dict(self):\n        return {'kind': 'Probe', 'spec': super().to_dict().get('spec')}\n"
    )
    install(site, classes=lossy)
    finding = the_finding(check_plugin("k8s-probe", live=False), "round trip")
    assert finding.state == "error"
    assert "a document changed: {" in finding.message


def test_a_class_that_refuses_documents(site: FakeSite) -> None:
    strict = """
    @classmethod
    def from_dict(cls, wire):
        wire["spec"]["size"]
        return super().from_dict(wire)
    """
    install(site, classes=f"{CLASSES}\n{strict}")
    finding = the_finding(check_plugin("k8s-probe", live=False), "round trip")
    assert finding.state == "error"
    assert "reading raised" in finding.message


def test_fields_that_look_like_secrets(site: FakeSite) -> None:
    extra = "    password: str | None = None\n    apiKeys: list[str] = ABSENT\n    clientSecret: str | None = None\n"
    extra += "    secretKey: str | None = field(default=None, sensitive=True)\n    tokenSecretRef: str | None = None\n"
    install(site, classes=CLASSES.replace("    colour: str | None = None\n", extra))
    report = check_plugin("k8s-probe", live=False)
    found = {finding.subject for finding in report.findings if finding.check == "secrets"}
    assert found == {"ProbeSpec.password", "ProbeSpec.clientSecret"}
    assert report.ok
    assert len(report.warnings) == 2


def test_a_shipped_crd_that_the_classes_contradict(site: FakeSite) -> None:
    install(site)
    crd = json.loads(site.run("import json; from probepkg.v1 import Probe; print(json.dumps(Probe.crd()))"))
    schema = crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema["properties"]["size"]["minimum"] = 5
    schema["properties"]["extra"] = {"type": "string"}
    schema["description"] = "texts do not matter"
    crd["spec"]["scope"] = "Cluster"
    folder = site.root / "probepkg/crds"
    folder.mkdir()
    (folder / "probe.yaml").write_text(dump_yaml(crd))
    report = check_plugin("k8s-probe", live=False)
    found = [finding.message for finding in report.findings if finding.check == "CRDs"]
    assert found == [
        'scope: the CRD has "Cluster", the class "Namespaced"',
        'versions.v1.schema.properties.spec.properties.extra: the CRD has {"type": "string"}, the class nothing',
        "versions.v1.schema.properties.spec.properties.size.minimum: the CRD has 5, the class 1",
    ]


def test_a_class_that_makes_no_structural_crd(site: FakeSite) -> None:
    bad = CLASSES.replace("field(minimum=1)", 'field(schema={"description": "no type"})')
    install(site, classes=bad)
    report = check_plugin("k8s-probe", live=False)
    finding = next(finding for finding in report.errors if finding.check == "CRDs")
    assert "properties[size].type: Required value" in finding.message


def test_a_valid_sample_is_used_and_a_bad_one_is_named(site: FakeSite) -> None:
    install(
        site,
        samples__good="apiVersion: probe.example.com/v1\nkind: Probe\nmetadata: {name: good}\nspec: {size: 3}\n",
        samples__bad="apiVersion: probe.example.com/v1\nkind: Probe\nmetadata: {name: bad}\nspec: {size: 0}\n",
    )
    finding = the_finding(check_plugin("k8s-probe"), "on the server")
    assert finding.state == "error"
    assert "a sample was refused" in finding.message
    assert "spec.size: Invalid value: 0" in finding.message


PROBE = "apiVersion: probe.example.com/v1\nkind: Probe\n"


@pytest.mark.parametrize(
    ("rest", "subject", "message"),
    [
        ("spec: {size: big}", "one.yaml spec.size", "Probe refuses it: "),
        ("spec: {size: 3, sise: 3}", "one.yaml spec.sise", "Probe refuses it: "),
        ("spec: {}", "one.yaml spec.size", "required field is missing"),
        ("spec: {size: [}", "one.yaml", "is not YAML: "),
    ],
)
def test_a_sample_that_its_class_refuses_is_named_with_its_file_and_the_path(
    site: FakeSite, rest: str, subject: str, message: str
) -> None:
    install(site, samples__one=PROBE + rest)
    finding = the_finding(check_plugin("k8s-probe"), "samples")
    assert (finding.state, finding.subject) == ("error", subject)
    assert message in finding.message


def test_a_sample_is_loaded_by_the_schema_of_its_class(site: FakeSite) -> None:
    own = """
from marshmallow import Schema, ValidationError, fields, validates

class SpecSchema(Schema):
    size = fields.Integer(required=True)
    colour = fields.String()

    @validates("size")
    def even(self, value, **_):
        if value == 7:
            raise RuntimeError("no luck")
        if value % 2:
            raise ValidationError("must be even")
"""
    classes = CLASSES.replace("class ProbeSpec(Model)", own + "\nclass ProbeSpec(Model, schema=SpecSchema)")
    odd, seven, even = (f"{PROBE}spec: {{size: {size}}}\n" for size in (3, 7, 8))
    install(site, classes=classes, samples__a_odd=odd, samples__b_seven=seven, samples__c_even=even)
    found = [each for each in check_plugin("k8s-probe", live=False).findings if each.check == "samples"]
    assert [(each.state, each.subject) for each in found] == [
        ("error", "a_odd.yaml spec.size"),
        ("error", "b_seven.yaml"),
    ]
    assert "must be even" in found[0].message
    assert "loading it as Probe raised RuntimeError: no luck" in found[1].message


def test_a_schema_whose_own_output_it_changes_again_fails_the_round_trip(site: FakeSite) -> None:
    own = """
from marshmallow import Schema, fields, post_dump

class SpecSchema(Schema):
    size = fields.Raw()
    colour = fields.Raw()

    @post_dump
    def grow(self, data, **_):
        return {**data, "size": str(data.get("size")) + "0"}
"""
    install(
        site, classes=CLASSES.replace("class ProbeSpec(Model)", own + "\nclass ProbeSpec(Model, schema=SpecSchema)")
    )
    finding = the_finding(check_plugin("k8s-probe", live=False), "round trip")
    assert (finding.state, finding.subject) == ("error", "Probe")
    assert "a document changed" in finding.message


def test_a_kind_for_which_no_object_can_be_thought_up(site: FakeSite) -> None:
    install(
        site, classes=CLASSES.replace("colour: str | None = None", 'colour: str = field(pattern="^zebra-[0-9]{7}$")')
    )
    report = check_plugin("k8s-probe")
    finding = the_finding(report, "on the server")
    assert finding.state == "skipped"
    assert "samples/" in finding.fix
    assert report.ok


def test_wheel_contents(site: FakeSite, tmp_path: Path) -> None:
    install(site)
    wheel = tmp_path / "probe.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in ("probepkg/__init__.py", "tests/test_probe.py", "k8s_probe-1.0.dist-info/METADATA"):
            archive.writestr(name, "")
    report = check_plugin("k8s-probe", wheel=wheel, live=False, examples=1)
    found = [finding.message for finding in report.findings if finding.check == "wheel contents"]
    assert len(found) == 3
    assert "py.typed is missing" in found[0]
    assert "'tests' lands beside the package" in found[1]
    assert "no entry points" in found[2]


def test_the_command_prints_findings_and_fixes(site: FakeSite, capsys: pytest.CaptureFixture[str]) -> None:
    install(site, requires=())
    with pytest.raises(SystemExit) as caught:
        main(["plugin", "check", "k8s-probe", "--no-live"])
    assert caught.value.code == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t") == ["CHECK", "STATE", "ABOUT", "FINDING", "FIX"]
    assert 'dependencies = ["k8s-core>=0.1,<0.2"]' in lines[1]
    with pytest.raises(SystemExit):
        main(["plugin", "check", "k8s-probe", "--no-live", "--output", "json"])
    document = json.loads(capsys.readouterr().out)
    assert document["package"] == "k8s-probe 1.0"
    assert {"check", "state", "subject", "message", "fix"} == set(document["findings"][0])


def test_the_report_as_text(site: FakeSite) -> None:
    install(site, requires=())
    text = check_plugin("k8s-probe", live=False).text()
    assert text.startswith("k8s-probe 1.0: 1 errors, 0 warnings\n")
    assert "  error    version pins: k8s-probe: does not require k8s-core\n           fix: dependencies" in text
