#!/usr/bin/env python3
"""The documentation as a site: a page of each Markdown file of the repository that the readers of one are led to, of
the public headers, of manual pages (by mandoc, where it is installed), and of sources that pages link to; without a
script, and the same bytes each time.

Usage: scripts/site/build.py FOLDER
"""

import html
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[2]

# Pages by heading of the menu, where all of docs has a place; any other Markdown file stands under the last.
MENU = {
    "Begin": [
        "README.md", "docs/quick-start.md", "docs/tutorials/README.md", "docs/tutorials/classification.md",
        "docs/tutorials/regression.md", "docs/tutorials/images.md",
    ],
    "Use": [
        "docs/tables.md", "docs/training.md", "docs/files.md", "docs/options.md", "docs/sweeps.md", "docs/ensembles.md",
        "docs/checkpoints.md", "docs/export.md", "docs/environment.md", "docs/implementations.md",
    ],
    "Manual pages": [],
    "Program with it": ["docs/python.md", "docs/cpp.md", "docs/populations.md", "include/epocl.h", "include/epocl.hpp"],
    "Understand": ["docs/architecture.md", "docs/math.md", "docs/performance.md", "docs/reliability.md"],
    "Contribute": ["CONTRIBUTING.md", "ROADMAP.md", "tests/README.md", "packaging/README.md", "CHANGELOG.md"],
}  # fmt: skip
FOLDERS = ["docs", "python", "bench", "tests/fuzz", "tests/mutants"]  # whose Markdown files are pages, too
PICTURES = (".gif", ".jpg", ".png", ".svg", ".webp")
NAMES = {"README.md": "Overview", "include/epocl.h": "epocl.h", "include/epocl.hpp": "epocl.hpp"}


def page_name(source):
    """README.md is index.html; docs/math.md math.html; tests/README.md tests-readme.html; include/epocl.h epocl.h.html;
    man/epocl.1 man-epocl.1.html."""
    path = Path(source)
    if source == "README.md":
        return "index.html"
    if path.suffix != ".md":
        return "-".join(path.parts[1:] if path.parts[0] == "include" else path.parts) + ".html"
    if path.name == "README.md":
        return "-".join(path.parts[:-1]) + "-readme.html"
    return path.stem.lower() + ".html"


def slug(title, taken):
    """What GitHub makes of a heading."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
    count = taken.get(name, 0)
    taken[name] = count + 1
    return f"{name}-{count}" if count else name


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.pages = {}  # title and body by source, in the order in which they were found
        self.waiting = []
        self.copied = set()  # files that are no pages: pictures
        self.faults = []
        self.markdown = MarkdownIt("commonmark").enable("table")

    def add(self, source):
        """The page's name; it is made if it is not yet."""
        if source not in self.pages:
            self.pages[source] = None
            self.waiting.append(source)
        return page_name(source)

    def make(self):
        if shutil.which("mandoc"):
            MENU["Manual pages"] = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "man").glob("*.1"))
        else:
            print("site: manual pages are left out: mandoc is not installed")
        menu = [source for sources in MENU.values() for source in sources if (ROOT / source).exists()]
        others = sorted(str(path.relative_to(ROOT)) for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))
        for source in [*menu, *others]:
            self.add(source)
        while self.waiting:
            source = self.waiting.pop(0)
            self.pages[source] = self.page(source)
            if source.startswith("docs/") and source.endswith(".md") and source not in menu:
                self.faults.append(f"{source} has no place in MENU")

    def page(self, source):
        """Title and body."""
        if (ROOT / source).is_dir():
            return contents(source)
        text = (ROOT / source).read_text()
        if source.endswith(".md"):
            return self.render(source, text)
        return manual(source) if source.startswith("man/") else listing(source, text)

    # ---- Markdown ----

    def render(self, source, text):
        tokens = self.markdown.parse(text)
        taken, title = {}, None
        for place, token in enumerate(tokens):
            if token.type == "heading_open":
                plain = "".join(part.content for part in tokens[place + 1].children if part.type in ("text", "code_inline"))
                token.attrSet("id", slug(plain, taken))
                title = title or plain
            for part in token.children or ():
                for kind, attribute in (("link_open", "href"), ("image", "src")):
                    if part.type == kind:
                        part.attrSet(attribute, self.target(source, part.attrGet(attribute)))
        body = self.markdown.renderer.render(tokens, self.markdown.options, {})
        body = re.sub(r"<!--.*?-->\n?", "", body, flags=re.S)
        body = body.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
        body = re.sub(
            r'<(h[1-4]) id="([^"]*)">(.*?)</\1>', r'<\1 id="\2">\3<a class="anchor" href="#\2">#</a></\1>', body, flags=re.S
        )
        return title or source, body

    def target(self, source, link):
        """Where a link of that file leads in the site."""
        parts = urlsplit(link)
        if parts.scheme or not parts.path:
            return link
        path = Path(os.path.normpath((ROOT / source).parent / unquote(parts.path)))
        fragment = f"#{parts.fragment}" if parts.fragment else ""
        if path.exists() and path.is_relative_to(ROOT):
            place = path.relative_to(ROOT)
            if path.suffix not in PICTURES:
                return self.add(str(place)) + fragment
            self.copied.add(place)
            return "-".join(place.parts)
        self.faults.append(f"{source}: {link} leads to no file")
        return link

    # ---- Pages ----

    def navigation(self, here):
        parts = ["<strong>epocl</strong>"]
        listed = {source for sources in MENU.values() for source in sources}
        rest = [source for source in self.pages if source.endswith(".md") and source not in listed]
        for heading, sources in MENU.items():
            sources = [source for source in sources if source in self.pages] + (rest if heading == "Contribute" else [])
            items = "".join(
                f'<li><a href="{page_name(source)}"{" aria-current=page" if source == here else ""}>'
                f"{html.escape(NAMES.get(source) or short(self.pages[source][0]))}</a></li>"
                for source in sources
            )
            parts.append(f"<h2>{heading}</h2><ul>{items}</ul>" if items else "")
        return "".join(parts)

    def write(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        shutil.copyfile(Path(__file__).with_name("style.css"), self.folder / "style.css")
        for picture in self.copied:
            shutil.copyfile(ROOT / picture, self.folder / "-".join(picture.parts))
        for source, (title, body) in self.pages.items():
            place = self.folder / page_name(source)
            if place.exists():
                self.faults.append(f"two pages are called {place.name}")
            place.write_text(
                '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
                '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
                f"<title>{html.escape(title)}</title>\n"
                '<link rel="stylesheet" href="style.css">\n</head>\n<body>\n'
                f"<nav>{self.navigation(source)}</nav>\n<main>\n{body}"
                f"<footer>{html.escape(source)} · epocl {version()}</footer>\n</main>\n</body>\n</html>\n"
            )


def short(title):
    """A title for the menu: what is before a colon."""
    return title.split(":")[0]


def version():
    return re.search(r'#define EPOCL_VERSION\s+"(.*)"', (ROOT / "include" / "epocl.h").read_text()).group(1)


def contents(folder):
    """What is in a folder of the repository, by name."""
    names = sorted(path.name + "/" * path.is_dir() for path in (ROOT / folder).iterdir())
    items = "".join(f"<li><code>{html.escape(name)}</code></li>\n" for name in names)
    return folder, f"<h1>{html.escape(folder)}</h1>\n<ul>\n{items}</ul>\n"


def manual(source):
    """A manual page, with headings a level lower, below its name."""
    arguments = ["mandoc", "-T", "html", "-O", "fragment,man=man-%N.%S.html", source]
    body = subprocess.run(arguments, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    body = re.sub(r'<table class="(?:head|foot)">.*?</table>\n?', "", body, flags=re.S)
    body = re.sub(r'<div class="(?:head|foot)".*?</div>\n?', "", body, flags=re.S)
    body = re.sub(r"(</?h)([1-3])\b", lambda found: found[1] + str(int(found[2]) + 1), body)
    name, section = Path(source).stem, Path(source).suffix[1:]
    return f"{name}({section})", f"<h1>{name}({section})</h1>\n{body}"


def listing(source, text):
    """A source as it is; in headers each function, structure and enumeration can be linked to."""
    body = html.escape(text)
    if source.endswith(".h"):
        declared = r"(?m)^(EPOCL_API [^;(]*?|typedef (?:struct|enum) )(epocl_\w+)(?=\(| \{)"
        body = re.sub(declared, r'\1<span id="\2">\2</span>', body)
    return source, f"<h1>{html.escape(source)}</h1>\n<pre><code>{body}</code></pre>\n"


# ---- Links ------------------------------------------------------------------------------------------


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.ids = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.links += [found[name] for name in ("href", "src") if name in found]
        self.ids += [found["id"]] if "id" in found else []


def dead_links(folder):
    """Of every page: links to files and places in the site that are not there. Those that lead out are not followed."""
    pages = {path.name: Links(path.read_text()) for path in sorted(folder.glob("*.html"))}
    for name, page in pages.items():
        for identity in {identity for identity in page.ids if page.ids.count(identity) > 1}:
            yield f"{name}: two places are called #{identity}"
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = parts.path or name
            if not (folder / target).exists():
                yield f"{name}: {link} leads to no page"
            elif parts.fragment and parts.fragment not in pages[target].ids:
                yield f"{name}: {link} leads to no place in {target}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    site = Site(Path(sys.argv[1]))
    site.make()
    site.write()
    faults = [*site.faults, *dead_links(site.folder)]
    if faults:
        sys.exit("\n".join(["site:", *faults]))
    print(f"site: {len(site.pages)} pages, every link within them leads somewhere: {site.folder / 'index.html'}")


if __name__ == "__main__":
    main()
