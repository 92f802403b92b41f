"""Reads pages as a browser would: the tags, what they load, and the text between them."""

from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "link", "img", "input", "hr"})
LOADING = frozenset({"src", "srcset", "data", "poster", "background", "formaction"})


class Page(HTMLParser):
    """One parsed page; `faults` names tags that are left open or closed out of turn."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.loads, self.links, self.faults = [], [], [], []
        self.attributes = []
        self._texts, self._open = [], []
        self.feed(html)
        self.close()
        self.faults += self._open

    @property
    def text(self):
        """All text outside the style sheet, with white space joined."""
        return " ".join(" ".join(self._texts).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        values = dict(attrs)
        self.loads += [value for name, value in attrs if name in LOADING]
        self.links += [values["href"]] if tag == "a" else []
        self.loads += [values["href"]] if tag == "link" else []
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"/{tag}")

    def handle_data(self, data):
        if "style" not in self._open[-1:]:
            self._texts.append(data)
