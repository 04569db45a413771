"""XML that cannot do anything: no DTD, no entities, no network, no giant trees; and the parts of a package as such XML."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lxml import etree

from app.documents.archive import Archive
from app.errors import Invalid

MOST_TREE = 32 << 20  # bytes of one part held as a tree; sheets are read as streams
_SAFE = {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False, "dtd_validation": False}
Element = etree._Element


class Package(Archive):
    """An Office or HWPX document: parts by name, and what they refer to."""

    def main(self, otherwise: str) -> str:
        """The part that the package says is its document."""
        relations = self.maybe("_rels/.rels")
        for relation in relations if relations is not None else ():
            if relation.get("Type", "").endswith("/officeDocument"):
                return relation.get("Target", "").lstrip("/")
        return otherwise

    def tree(self, name: str) -> Element:
        if name not in self.names:
            raise Invalid("file.broken_zip")
        data = bytearray()
        for block in self.blocks(name):
            data += block
            if len(data) > MOST_TREE:
                raise Invalid("file.archive_bomb")
        return tree(bytes(data))

    def maybe(self, name: str) -> Element | None:
        return self.tree(name) if name in self.names else None

    def targets(self, name: str) -> dict[str, str]:
        """Relation id → part, of the part called `name`; what lies outside of the package is left out."""
        folder, file = posixpath.split(name)
        relations = self.maybe(posixpath.join(folder, "_rels", f"{file}.rels"))
        found = {}
        for relation in relations if relations is not None else ():
            target = relation.get("Target", "")
            if relation.get("TargetMode") != "External" and target:
                found[relation.get("Id", "")] = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        return found

    def elements(self, name: str, *tags: str) -> Iterator[Element]:
        """Each element with one of these full names as it ends, forgotten right after: memory stays flat."""
        first = True
        try:
            for _event, element in etree.iterparse(_Blocks(self.blocks(name)), events=("end",), tag=tags, **_SAFE):
                if first:
                    _refuse_doctype(element)
                    first = False
                yield element
                element.clear(keep_tail=False)
                while (parent := element.getparent()) is not None and element.getprevious() is not None:
                    del parent[0]
        except etree.XMLSyntaxError as error:
            raise Invalid("file.broken_xml") from error


def tree(data: bytes) -> Element:
    try:
        root = etree.fromstring(data, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as error:
        raise Invalid("file.broken_xml") from error
    _refuse_doctype(root)
    return root


def _refuse_doctype(element: Element) -> None:
    if element.getroottree().docinfo.doctype:
        raise Invalid("file.doctype")


class _Blocks:
    """The blocks of an entry as a file that can only be read on."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._left = blocks, b""

    def read(self, n: int = -1) -> bytes:
        while len(self._left) < n or n < 0:
            block = next(self._blocks, b"")
            if not block:
                break
            self._left += block
        out, self._left = (self._left, b"") if n < 0 else (self._left[:n], self._left[n:])
        return out


def attribute(element: Element | None, name: str, default: str = "") -> str:
    """An attribute by its name without the namespace.

    >>> attribute(tree(b"<a xmlns:w='x' w:val='1'/>"), "val")
    '1'
    """
    for key, value in element.items() if element is not None else ():
        if key.rpartition("}")[2] == name:
            return str(value)
    return default


def child(element: Element | None, *path: str) -> Element | None:
    """The first child of that name, and on from it; None when there is none."""
    for name in path:
        element = next((c for c in element if local(c) == name), None) if element is not None else None
    return element


def local(element: Element) -> str:
    """The name without its namespace; empty for comments and instructions.

    >>> local(tree(b"<a xmlns='x'/>"))
    'a'
    """
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""
