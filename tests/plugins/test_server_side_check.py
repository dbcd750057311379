# SPDX-License-Identifier: Apache-2.0
"""``check_plugin`` on server sides: each mistake is one finding that names the place and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from probe_package import CLASSES, SERVER, install, install_served, strategy, the_finding

from k8s_core.cli import main
from k8s_devkit import check_plugin

if TYPE_CHECKING:
    from fake_site import FakeSite

    from k8s_devkit.plugin_checks.report import Finding

pytestmark = pytest.mark.slow  # each test tries a whole package

SOUND = """
def default(self, new, old):
    if isinstance(new.get("spec"), dict):
        new["spec"].setdefault("colour", "red")

def admit(self, new, old, ctx):
    new["metadata"].setdefault("labels", {})["admitted"] = "yes"

def validate(self, new, ctx):
    return list(super().validate(new, ctx)) or check(new)

def validate_update(self, new, old, ctx):
    yield from list(super().validate_update(new, old, ctx)) or check(new)

def warnings(self, new, old):
    return ["beware"]

def reconcile(self, obj, ctx):
    obj["status"] = {"size": obj["spec"]["size"]}
"""
CHECK = """
def check(new):
    problems = Problems()
    if new["spec"]["size"] > 100:
        problems.invalid("spec.size", new["spec"]["size"], "too large")
    return problems
"""
KIND = "probe.example.com/v1 Probe"


@pytest.fixture(autouse=True)
def _subprocesses_see_the_site(site: FakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(site.root))


def checked(live: bool = True) -> dict[str, Finding]:
    """The findings by check, of which none has two."""
    report = check_plugin("k8s-probe", live=live, examples=1)
    found = {finding.check: finding for finding in report.findings}
    assert len(found) == len(report.findings), report.text()
    return found


def the_error() -> Finding:
    """The only error."""
    (finding,) = [finding for finding in checked().values() if finding.state == "error"]
    return finding


def test_a_sound_server_side_passes(site: FakeSite) -> None:
    install_served(site, strategy(SOUND) + CHECK)
    found = checked()
    assert {finding.state for name, finding in found.items() if name != "wheel contents"} == {"ok"}
    assert found["hooks"].message == "k8s_register_kinds, k8s_serve_kinds"
    assert found["server side"].message == "strategies: 1"
    assert "invalid objects: " in found["strategies"].message


BROKEN_METHODS = [
    pytest.param(
        "strategies",
        """
        def default(self, new, old):
            new["spec"].setdefault("colour", "red")  # here
        """,
        "default() raised KeyError: 'spec' at {here}, with an object without spec",
        "look before you write in default()",
        id="default-raises-without-spec",
    ),
    pytest.param(
        "strategies",
        """
        def default(self, new, old):
            if new.get("spec"):
                new["spec"].setdefault("colour", "red")  # here
        """,
        "default() raised AttributeError: 'str' object has no attribute 'setdefault' at {here}, with an object"
        " whose spec is a string",
        "look before you write in default()",
        id="default-raises-for-a-spec-that-is-a-string",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):
            return [*super().validate(new, ctx), *check(new)]
        """,
        "validate() raised KeyError: 'spec' at {check}, with an object without spec",
        "list(super().validate(new, ctx)) or my_errors(new)",
        id="validate-raises-without-spec",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):
            errors = list(super().validate(new, ctx))
            fits = isinstance(new.get("spec"), dict) and "size" in new["spec"]
            return [*errors, *(check(new) if fits else ())]
        """,
        "validate() raised TypeError: '>' not supported between instances of 'str' and 'int' at {check}, with an"
        " object whose spec.size is a string",
        "list(super().validate(new, ctx)) or my_errors(new)",
        id="validate-raises-for-a-field-that-is-a-string",
    ),
    pytest.param(
        "strategies",
        """
        def validate_update(self, new, old, ctx):
            return [*super().validate_update(new, old, ctx), *check(new)]
        """,
        "validate_update() raised KeyError: 'spec' at {check}, with an update to an object without spec",
        "list(super().validate_update(new, old, ctx)) or my_errors(new)",
        id="validate_update-raises",
    ),
    pytest.param(
        "strategies",
        """
        def admit(self, new, old, ctx):
            new["spec"]["colour"] = "red"  # here
        """,
        "admit() raised KeyError: 'spec' at {here}, with an object without spec",
        "raise a Failure",
        id="admit-raises",
    ),
    pytest.param(
        "strategies",
        """
        def __init__(self, resource, version=None):
            raise ValueError("broken")  # here
        """,
        "__init__() raised ValueError: broken at {here}",
        "correct __init__()",
        id="the-strategy-cannot-be-made",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new):
            return super().validate(new, None)
        """,
        "TypeError: ProbeStrategy.validate() takes 2 positional arguments but 3 were given",
        "give each method the parameters that it has in k8s_devkit.Strategy",
        id="too-few-parameters",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):  # here
            new["spec"] = new.get("spec") or {}
            return super().validate(new, ctx)
        """,
        "validate() ({here}) changes new: spec, with an object without spec",
        "change nothing in validate(): defaults belong in default()",
        id="validate-changes-new",
    ),
    pytest.param(
        "strategies",
        """
        def validate_update(self, new, old, ctx):  # here
            old["metadata"].pop("labels", None)
            return super().validate_update(new, old, ctx)
        """,
        "validate_update() ({here}) changes old: metadata.labels",
        "leave old alone in validate_update()",
        id="validate_update-changes-old",
    ),
    pytest.param(
        "strategies",
        """
        def default(self, new, old):  # here
            if old:
                old["metadata"]["labels"] = {"seen": "yes"}
        """,
        "default() ({here}) changes old: metadata.labels, with a valid object that gets a label",
        "leave old alone in default()",
        id="default-changes-old",
    ),
    pytest.param(
        "strategies",
        """
        def default(self, new, old):  # here
            labels = new["metadata"].setdefault("labels", {})
            labels["times"] = str(int(labels.get("times", 0)) + 1)
        """,
        "default() ({here}) changes again what it made itself: metadata.labels.times, with a valid object",
        "set only what is absent in default()",
        id="default-is-not-idempotent",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):  # here
            list(super().validate(new, ctx))
        """,
        "validate() ({here}) returned None instead of a list of FieldError, with a valid object",
        "return a list of FieldError from validate(), or an empty one: Problems makes one",
        id="validate-returns-None",
    ),
    pytest.param(
        "strategies",
        """
        async def validate_update(self, new, old, ctx):  # here
            return super().validate_update(new, old, ctx)
        """,
        "validate_update() ({here}) returned an object of type 'coroutine' instead of a list of FieldError",
        "return a list of FieldError from validate_update()",
        id="validate_update-is-a-coroutine",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):  # here
            return [*super().validate(new, ctx), "too large"]
        """,
        "validate() ({here}) returned an object of type 'str' in a list instead of a list of FieldError",
        "return a list of FieldError from validate()",
        id="validate-returns-strings",
    ),
    pytest.param(
        "strategies",
        """
        def warnings(self, new, old):  # here
            pass
        """,
        "warnings() ({here}) returned None instead of a list of str",
        "return a list of str from warnings()",
        id="warnings-returns-None",
    ),
    pytest.param(
        "strategies",
        """
        def validate(self, new, ctx):  # here
            return check(new) if isinstance(new.get("spec"), dict) and "size" in new["spec"] == 1 else []
        """,
        "validate() ({here}) leaves out what super() finds: metadata.labels: Invalid value:",
        "begin validate() with errors = list(super().validate(new, ctx)), and return these errors too",
        id="validate-without-super",
    ),
    pytest.param(
        "strategies",
        """
        def validate_update(self, new, old, ctx):  # here
            return []
        """,
        "validate_update() ({here}) leaves out what super() finds",
        "begin validate_update() with errors = list(super().validate_update(new, old, ctx))",
        id="validate_update-without-super",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):
            obj["status"] = {"size": 1, "colour": obj["spec"]["colour"]}  # here
        """,
        "reconcile() raised KeyError: 'colour' at {here}, with a valid object",
        "correct reconcile(): optional fields may be absent",
        id="reconcile-raises",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):  # here
            obj["status"] = {"size": obj.get("status", {}).get("size", 0) + 1}
        """,
        "reconcile() ({here}) does not settle: status.size still changes after 100 runs, with a valid object",
        "compare before you write",
        id="reconcile-counts",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):  # here
            obj["status"] = {"size": 1, "colour": ctx.now()}
        """,
        "reconcile() ({here}) does not settle: status.colour still changes after 100 runs",
        "compare before you write",
        id="reconcile-writes-the-time",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):
            name = obj["metadata"]["name"] + "-x"
            new = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name + str(ctx.uid())}}
            ctx.create(new)
            obj["metadata"].setdefault("annotations", {})["seen"] = ctx.uid()
        """,
        "does not settle: metadata.annotations",
        "compare before you write",
        id="reconcile-creates-again-and-again",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):  # here
            obj["status"] = {"size": 0}
        """,
        "reconcile() ({here}) stores what the schema refuses: status.size: Invalid value: 0",
        "correct reconcile(), or the class that the schema is made from",
        id="reconcile-stores-what-the-schema-refuses",
    ),
    pytest.param(
        "simulated controllers",
        """
        def reconcile(self, obj, ctx):  # here
            obj["status"] = {"size": 1, "sise": 1}
        """,
        "reconcile() ({here}) sets status.sise, which the schema does not have",
        "correct reconcile(), or the class that the schema is made from",
        id="reconcile-sets-an-unknown-field",
    ),
]


@pytest.mark.parametrize(("check", "methods", "message", "fix"), BROKEN_METHODS)
def test_a_method_that_breaks_its_contract(site: FakeSite, check: str, methods: str, message: str, fix: str) -> None:
    source = strategy(methods) + CHECK
    install_served(site, source)
    finding = the_error()
    assert (finding.check, finding.subject) == (check, "k8s-probe" if "__init__" in methods else KIND)
    places = {"check": line_of(source, 'if new["spec"]["size"]'), "here": line_of(source, "# here")}
    assert message.format(**places) in finding.message
    assert fix in finding.fix


def line_of(source: str, mark: str) -> str:
    lines = [number for number, line in enumerate(source.splitlines(), 1) if mark in line]
    return f"probepkg/server.py:{lines[0]}" if lines else ""


CONTROLLER = """
from k8s_core import hookimpl
from k8s_devkit.strategy import Controller

@hookimpl
def k8s_serve_kinds(registrar):
    registrar.add_controller("probes", "probepkg.server:Probes", watches=[("probe.example.com", "probes")])

class Probes(Controller):
    def changed(self, resource, obj, ctx, *, deleted):
"""


def test_a_controller_that_raises(site: FakeSite) -> None:
    install_served(site, CONTROLLER + "        obj['spec']['colour']\n")
    finding = the_error()
    assert (finding.check, finding.subject) == ("simulated controllers", KIND)
    assert "changed() raised KeyError: 'colour' at probepkg/server.py:11, with a valid object" in finding.message
    assert finding.fix == "correct changed()"


def test_a_controller_that_comes_to_no_end(site: FakeSite) -> None:
    change = """
        if not deleted:
            obj["spec"]["size"] += 1
            ctx.update({"apiVersion": "probe.example.com/v1", "kind": "Probe", **obj})
"""
    install_served(site, CONTROLLER + change)
    finding = the_error()
    assert finding.check == "simulated controllers"
    assert "still have work to do after 5000 steps, with a valid object" in finding.message
    assert "Controller.changed()" in finding.fix


NOT_FOUND = [
    pytest.param(
        '"Probe"',
        '"Prob"',
        "probe.example.com",
        "probe.example.com/v1 Prob",
        "no installed package has this kind: no server asks for its strategy; did you mean 'probe.example.com/v1",
        "add_strategy()",
        id="kind",
    ),
    pytest.param(
        "example.com/v1",
        "example.com/v2",
        "probe.example.com",
        "probe.example.com/v2 Probe",
        "did you mean 'probe.example.com/v1 Probe'?",
        "add_strategy()",
        id="version",
    ),
    pytest.param(
        '"probe.example.com/v1"',
        '"probes.example.com/v1"',
        "probe.example.com",
        "probes.example.com/v1 Probe",
        "did you mean 'probe.example.com/v1 Probe'?",
        "add_strategy()",
        id="group",
    ),
    pytest.param(
        '"probe.example.com/v1", "Probe"',
        '"apps/v1", "Deployment"',
        "probe.example.com",
        "apps/v1 Deployment",
        "registered from the entry point 'probe.example.com': servers look for it in one named 'apps'",
        'add "apps" = "probepkg.server" to [project.entry-points."k8s_core.servers"]',
        id="group-of-another-entry-point",
    ),
    pytest.param(
        "",
        "",
        "probes.example.com",
        "entry point probes.example.com",
        "no installed package has kinds of API group 'probes.example.com': no server asks for this entry point;"
        " did you mean 'probe.example.com'?",
        'in [project.entry-points."k8s_core.servers"] of pyproject.toml',
        id="entry-point",
    ),
    pytest.param(
        "",
        "",
        None,
        "probepkg.server",
        "defines k8s_serve_kinds, but no entry point of k8s_core.servers names it",
        'with "probe.example.com" = "probepkg.server" to pyproject.toml',
        id="no-entry-point",
    ),
    pytest.param(
        "\nfrom k8s_core",
        "raise SystemExit\nfrom k8s_core",
        None,
        "probepkg.server",
        "defines k8s_serve_kinds, but no entry point",
        "to pyproject.toml",
        id="no-entry-point-and-not-importable",
    ),
    pytest.param(
        "@hookimpl",
        "",
        None,
        "probepkg.server",
        "defines k8s_serve_kinds, but no entry point",
        "mark it with @hookimpl, and add",
        id="no-entry-point-and-not-marked",
    ),
    pytest.param(
        ":ProbeStrategy",
        ":ProbeStrateg",
        "probe.example.com",
        KIND,
        "module 'probepkg.server' has no attribute 'ProbeStrateg'",
        "correct the import string",
        id="import-string",
    ),
    pytest.param(
        "(CustomStrategy)",
        "(Strategy)",
        "probe.example.com",
        KIND,
        "probepkg.server:ProbeStrategy is not a subclass of CustomStrategy",
        "derive it from k8s_devkit.CustomStrategy",
        id="base-class",
    ),
    pytest.param(
        "\nfrom k8s_core",
        "import nothing_of_that_name\nfrom k8s_core",
        "probe.example.com",
        "probe.example.com",
        "No module named 'nothing_of_that_name'",
        "make probepkg.server import",
        id="not-importable",
    ),
]


@pytest.mark.parametrize(("old", "new", "entry", "subject", "message", "fix"), NOT_FOUND)
def test_a_server_side_that_no_server_finds(
    site: FakeSite, old: str, new: str, entry: str | None, subject: str, message: str, fix: str
) -> None:
    source = strategy("pass").replace("import CustomStrategy", "import Strategy, CustomStrategy").replace(old, new)
    install_served(site, source, entry)
    finding = the_error()
    assert (finding.check, finding.subject) == ("server side", subject)
    assert message in finding.message
    assert fix in finding.fix


def test_a_simulation_that_is_left_out_is_a_row(site: FakeSite) -> None:
    install_served(site, strategy(SOUND) + CHECK)
    for name in ("strategies", "simulated controllers", "on the server"):
        assert (checked(live=False)[name].state, checked(live=False)[name].message) == ("skipped", "not asked for")


def test_errors_before_it_leave_the_simulation_out(site: FakeSite) -> None:
    install_served(site, strategy("pass").replace(":ProbeStrategy", ":Other"))
    found = checked()
    for name in ("strategies", "simulated controllers", "on the server"):
        assert (found[name].state, found[name].message) == ("skipped", "errors above")


def test_strategies_without_a_controller_leave_its_simulation_out(site: FakeSite) -> None:
    install_served(site, strategy("pass"))
    found = checked()
    assert found["strategies"].state == "ok"
    assert (found["simulated controllers"].state, found["simulated controllers"].message) == (
        "skipped",
        "no strategy has a reconcile(), and no controller is registered",
    )


def test_a_package_without_a_server_side_has_a_row_that_says_so(site: FakeSite) -> None:
    install(site)
    finding = the_finding(check_plugin("k8s-probe", live=False, examples=1), "server side")
    assert (finding.state, finding.message) == ("skipped", "the package has no entry point of k8s_core.servers")


def test_a_sample_that_the_strategy_refuses(site: FakeSite) -> None:
    install_served(site, strategy(SOUND) + CHECK)
    folder = site.root / "probepkg/samples"
    folder.mkdir()
    (folder / "big.yaml").write_text("apiVersion: probe.example.com/v1\nkind: Probe\nspec: {size: 101}\n")
    finding = the_error()
    assert (finding.check, finding.subject) == ("strategies", KIND)
    assert "a sample was refused" in finding.message
    assert "too large" in finding.message


def test_invalid_objects_are_tried_where_no_valid_one_can_be_made_up(site: FakeSite) -> None:
    refuses = 'def admit(self, new, old, ctx):\n    new["spec"]["colour"]'
    classes = CLASSES.replace("colour: str | None = None", 'colour: str = field(pattern="^zebra-[0-9]{7}$")')
    install_served(site, strategy(refuses), classes=classes)
    assert "admit() raised" in the_error().message


def test_a_faulty_strategy_leaves_no_traceback_on_the_terminal(
    site: FakeSite, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    install_served(site, strategy('def reconcile(self, obj, ctx):\n    raise RuntimeError("no\\nluck")'))
    with pytest.raises(SystemExit) as caught:
        main(["plugin", "check", "k8s-probe"])
    shown = capsys.readouterr()
    assert caught.value.code == 1
    assert "reconcile() raised RuntimeError: no luck at probepkg/server.py:11" in shown.out
    assert (shown.err, caplog.text) == ("", "")
    assert "Traceback" not in shown.out


def test_an_object_that_is_not_one(site: FakeSite) -> None:
    line = '    registrar.add_object("probepkg.server:THING")\n'
    install_served(
        site, f"{SERVER.rstrip()}\n{line}\nclass ProbeStrategy(CustomStrategy): ...\nTHING = {{'kind': 'Probe'}}\n"
    )
    finding = the_error()
    assert (finding.check, finding.subject) == ("server side", "probepkg.server:THING")
    assert finding.message == "is not a Kubernetes object"
    assert finding.fix == "make it a dict with apiVersion, kind and metadata"


def test_nothing_registered(site: FakeSite) -> None:
    install_served(site, SERVER.rpartition("\n    registrar")[0] + "\n    pass\n")
    assert checked()["server side"].message == "strategies: 0"
