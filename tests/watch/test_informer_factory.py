# SPDX-License-Identifier: Apache-2.0
"""Informers that are shared: one watch for the users of one collection."""

from __future__ import annotations

import pytest
from live_api import LiveApi
from watch_consumer import Thing

from k8s_core.errors import RequestError
from k8s_core.watch import InformerFactory, InformerStopped

SECONDS = 20.0


@pytest.fixture
def api() -> LiveApi:
    return LiveApi()


def test_a_factory_shares_one_watch_among_the_users_of_a_collection(api: LiveApi) -> None:
    api.create("ns/a", {"app": "web"})
    with InformerFactory(api, clock=api.clock) as factory:  # type: ignore[arg-type]  # stands in for a Client
        first = factory.informer(Thing, indexers={"name": lambda thing: [thing.metadata.name]})
        second = factory.informer(Thing, indexers={"app": lambda thing: thing.metadata.labels.values()})
        assert first is second
        assert not factory.healthy()
        factory.start()
        factory.start()
        factory.wait_synced(SECONDS)
        assert factory.healthy()
        assert len(first.by_index("name", "a")) == len(first.by_index("app", "web")) == 1
        assert api.watching.wait(SECONDS)
        assert len(api.requests) == 2
    with pytest.raises(InformerStopped):
        factory.informer(Thing)
    with pytest.raises(InformerStopped):
        factory.start()


def test_a_factory_keeps_different_collections_apart(api: LiveApi) -> None:
    factory = InformerFactory(api)  # type: ignore[arg-type]  # stands in for a Client
    informers = [
        factory.informer(Thing),
        factory.informer(Thing, namespace="ns"),
        factory.informer(Thing, labels="a=b"),
        factory.informer(Thing, fields="metadata.name=x"),
    ]
    assert len(set(map(id, informers))) == 4
    assert factory.informer(Thing, labels={"a": "b"}) is informers[2], "equal selectors in different forms"
    factory.stop()
    with pytest.raises(RequestError, match="given to informer"):
        InformerFactory(api, labels="x=y")  # type: ignore[arg-type]  # stands in for a Client
