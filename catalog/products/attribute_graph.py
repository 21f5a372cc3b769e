"""What attributes' values mean to each other: who treats what, what clashes, what a kit holds.

The program ships relations (`attribute_relations.csv`), a merchant adds others and turns off what does not hold. A
product states values; a group that contains one of them is stated with it.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from catalog.products.attribute_models import Relation, RelationKind
from catalog.products.reasons import values
from catalog.products.selectors import ProductView

_FILE = Path(__file__).with_name("attribute_relations.csv")
Node = tuple[str, str]  # (attribute, value)
PREGNANCY: Node = ("condition", "pregnancy")
_DEPTH = 4  # a group in a group in a group


@dataclass(frozen=True, slots=True)
class Edge:
    """One relation, and where it is known from."""

    subject: Node
    kind: str
    object: Node
    source: str
    vertical: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """The relations of one shop."""

    edges: tuple[Edge, ...] = ()
    _groups: Mapping[Node, frozenset[Node]] = field(default_factory=dict)
    _said_of: Mapping[Node, tuple[Edge, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, edges: Iterable[Edge]) -> Graph:
        """Make a graph; the order of the edges is kept."""
        listed = tuple(edges)
        groups: defaultdict[Node, set[Node]] = defaultdict(set)
        said: defaultdict[Node, list[Edge]] = defaultdict(list)
        for edge in listed:
            if edge.kind == RelationKind.CONTAINS:
                groups[edge.object].add(edge.subject)
            said[edge.subject].append(edge)
            if edge.kind == RelationKind.CONFLICTS:
                said[edge.object].append(edge)
        return cls(
            listed,
            {node: frozenset(held) for node, held in groups.items()},
            {node: tuple(held) for node, held in said.items()},
        )

    def nodes(self, view: ProductView) -> frozenset[Node]:
        """Return what a product states, with the groups that contain it."""
        return self.with_groups((name, value) for name in view.attributes for value in values(view, name))

    def with_groups(self, stated: Iterable[Node]) -> frozenset[Node]:
        """Return these values and every group they are in."""
        found = set(stated)
        newest = set(found)
        for _ in range(_DEPTH):
            newest = {group for node in newest for group in self._groups.get(node, ())} - found
            found |= newest
        return frozenset(found)

    def clash(self, one: Iterable[Node], other: Iterable[Node]) -> Edge | None:
        """Return a relation by which two products must not be used together, or None."""
        mine, theirs = frozenset(one), frozenset(other)
        for node in mine:
            for edge in self._said_of.get(node, ()):
                if edge.kind == RelationKind.CONFLICTS and _other(edge, node) in theirs:
                    return edge
        return None

    def helps(self, nodes: Iterable[Node], wanted: Node) -> Edge | None:
        """Return the relation by which something stated treats or suits what is wanted, or None."""
        kinds = (RelationKind.TREATS, RelationKind.SUITS)
        edges = (edge for node in sorted(nodes) for edge in self._said_of.get(node, ()))
        return next((edge for edge in edges if edge.kind in kinds and edge.object == wanted), None)

    def held_by(self, group: Node) -> tuple[Node, ...]:
        """Return what a group or a kit contains, in the order it was listed."""
        return tuple(edge.object for edge in self._said_of.get(group, ()) if edge.kind == RelationKind.CONTAINS)

    def kits(self) -> dict[Node, tuple[str, ...]]:
        """Return {activity: the kinds of product it starts with}."""
        groups = dict.fromkeys(edge.subject for edge in self.edges if edge.kind == RelationKind.CONTAINS)
        kits = {group: [value for name, value in self.held_by(group) if name == "kind"] for group in groups}
        return {group: tuple(kinds) for group, kinds in kits.items() if kinds}

    def vertical_of(self, node: Node) -> str:
        """Return the line of trade that speaks of a value, or nothing."""
        return next((edge.vertical for edge in self.edges if edge.vertical and node in (edge.subject, edge.object)), "")


def graph_of(*, merchant_id: int) -> Graph:
    """Return the shop's graph: what ships, less what the merchant turned off, and the merchant's own. One query."""
    rows = Relation.objects.filter(merchant_id=merchant_id).values_list(
        "subject__name", "subject__value", "kind", "object__name", "object__value", "source", "subject__vertical",
        "is_active",
    )  # fmt: skip
    own = [(Edge((a, b), kind, (c, d), source, vertical), holds) for a, b, kind, c, d, source, vertical, holds in rows]
    if not own:
        return _shipped_graph()
    spoken_of = {(edge.subject, edge.kind, edge.object) for edge, _ in own}
    shipped = [edge for edge in shipped_edges() if (edge.subject, edge.kind, edge.object) not in spoken_of]
    return Graph.of([*shipped, *(edge for edge, holds in own if holds)])


@lru_cache(maxsize=1)
def shipped_edges() -> tuple[Edge, ...]:
    """Return the relations that ship with the program."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Edge(node_of(row["subject"]), row["kind"], node_of(row["object"]), row["source"], row["vertical"])
            for row in csv.DictReader(file)
        )


@lru_cache(maxsize=1)
def _shipped_graph() -> Graph:
    return Graph.of(shipped_edges())


def node_of(text: str) -> Node:
    """Return `key_ingredients:retinal` as a node.

    Raises: ValueError when either side of the colon is missing.
    """
    name, _, value = text.strip().partition(":")
    if not (name.strip() and value.strip()):
        raise ValueError(f"{text!r} is not written as attribute:value, such as key_ingredients:retinal")
    return name.strip(), value.strip()


def _other(edge: Edge, node: Node) -> Node:
    return edge.object if edge.subject == node else edge.subject


def first_clash(graph: Graph, views: Sequence[ProductView]) -> Edge | None:
    """Return the first relation by which two of these must not be used together, or None."""
    nodes = [graph.nodes(view) for view in views]
    found = (graph.clash(one, other) for at, one in enumerate(nodes) for other in nodes[at + 1 :])
    return next((edge for edge in found if edge), None)
