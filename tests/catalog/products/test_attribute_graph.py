from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from catalog.accounts.models import Merchant
from catalog.accounts.scoping import merchant_scope
from catalog.products.attribute_csv import RowError, export_relations, import_relations
from catalog.products.attribute_graph import Edge, Graph, graph_of, shipped_edges
from catalog.products.attribute_models import Relation, RelationKind
from tests.factories import make_merchant

HEADER = "vertical,subject,kind,object,source,holds\n"
RETINAL, GLYCOLIC = ("key_ingredients", "retinal"), ("key_ingredients", "glycolic_acid")


def test_what_ships_is_sound() -> None:
    edges = shipped_edges()

    assert len({(edge.subject, edge.kind, edge.object) for edge in edges}) == len(edges)
    assert all(edge.kind in RelationKind.values and edge.source and edge.subject != edge.object for edge in edges)


def test_a_group_speaks_for_what_it_contains() -> None:
    graph = Graph.of(shipped_edges())
    retinal, glycolic = graph.with_groups([RETINAL]), graph.with_groups([GLYCOLIC])

    clash = graph.clash(retinal, glycolic)

    assert clash is not None
    assert (clash.subject, clash.object) == (("group", "retinoids"), ("group", "acids"))
    assert graph.clash(glycolic, retinal) == clash
    assert graph.clash(retinal, retinal) is None
    assert graph.helps(retinal, ("concerns", "fine_lines")) is not None
    assert graph.helps(glycolic, ("concerns", "fine_lines")) is None


def test_groups_in_a_circle_come_to_an_end() -> None:
    a, b = ("group", "a"), ("group", "b")
    graph = Graph.of([Edge(a, "contains", b, "x"), Edge(b, "contains", a, "x")])

    assert graph.with_groups([a]) == {a, b}


def test_a_merchant_adds_relations_and_turns_off_what_ships(in_scope: Merchant) -> None:
    sheet = (
        f"{HEADER}skincare,group:retinoids,conflicts,group:acids,our chemist,no\n"
        "skincare,key_ingredients:zinc,treats,concerns:acne,our chemist,yes\n"
    )

    assert import_relations(merchant=in_scope, text=sheet) == (2, [])

    graph = graph_of(merchant_id=in_scope.pk)
    assert graph.clash(graph.with_groups([RETINAL]), graph.with_groups([GLYCOLIC])) is None
    assert graph.helps([("key_ingredients", "zinc")], ("concerns", "acne")) is not None
    with merchant_scope(other := make_merchant()):
        theirs = graph_of(merchant_id=other.pk)
        assert theirs.clash(theirs.with_groups([RETINAL]), theirs.with_groups([GLYCOLIC])) is not None


def test_the_sheet_comes_out_as_it_goes_in(in_scope: Merchant) -> None:
    first = export_relations(merchant=in_scope)
    assert len(list(csv.DictReader(io.StringIO(first)))) == len(shipped_edges())

    written, errors = import_relations(merchant=in_scope, text=first)

    assert (written, errors) == (len(shipped_edges()), [])
    again = export_relations(merchant=in_scope)
    assert sorted(again.splitlines()) == sorted(first.splitlines())
    assert import_relations(merchant=in_scope, text=again) == (written, [])
    assert Relation.objects.count() == written


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "s,retinal,treats,concerns:acne,x,yes",
            "subject: “retinal” is not written as attribute:value, such as key_ingredients:retinal.",
        ),
        ("s,a:b,cures,c:d,x,yes", "kind: “cures” is not one of treats, suits, conflicts, contains."),
        ("s,a:b,treats,a:b,x,yes", "subject and object are the same value."),
        ("s,a:b,treats,c:d,,yes", "source: say where this is known from."),
        ("s,a:b,treats,c:d,x,perhaps", "holds: write yes or no, not “perhaps”."),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_written(in_scope: Merchant, line: str, message: str) -> None:
    written, errors = import_relations(merchant=in_scope, text=f"{HEADER}s,x:y,treats,c:d,x,yes\n{line}\n")

    assert (written, errors) == (0, [RowError(3, message)])
    assert Relation.objects.count() == 0


def test_a_sheet_without_its_columns_or_too_long_is_refused(in_scope: Merchant, settings: Settings) -> None:
    assert import_relations(merchant=in_scope, text="a,b\n1,2\n")[1] == [
        RowError(1, "Columns are missing: subject, kind, object, source.")
    ]
    settings.ATTRIBUTE_RELATIONS_MAX = 1
    errors = import_relations(merchant=in_scope, text=f"{HEADER}s,a:b,treats,c:d,x,\ns,a:b,treats,c:e,x,\n")[1]
    assert errors == [RowError(3, "There are more than 1 relations; split the sheet.")]


def test_a_cell_never_becomes_a_formula(in_scope: Merchant) -> None:
    import_relations(merchant=in_scope, text=f"{HEADER}s,a:b,treats,c:d,=1+1,yes\n")

    assert "'=1+1" in export_relations(merchant=in_scope)


def test_the_graph_is_edited_in_the_admin(merchant: Merchant, admin_client: Client) -> None:
    listed = admin_client.get(reverse("admin:products_relation_changelist"))
    sheet = admin_client.get(reverse("admin:products_relation_sheet"), {"shop": merchant.slug})
    upload = reverse("admin:products_relation_import")
    bad = admin_client.post(
        upload, {"merchant": merchant.pk, "sheet": io.BytesIO(f"{HEADER}s,a,treats,c:d,x,\n".encode())}
    )
    good = admin_client.post(
        upload, {"merchant": merchant.pk, "sheet": io.BytesIO(f"{HEADER}s,a:b,treats,c:d,x,\n".encode())}
    )

    assert (listed.status_code, sheet.status_code) == (200, 200)
    assert sheet.content.decode().startswith("vertical,subject,kind,object,source,holds")
    assert "is not written as attribute:value" in bad.content.decode()
    assert good.status_code == 302
    with merchant_scope(merchant):
        assert [str(each) for each in Relation.objects.all()] == ["a:b treats c:d"]
