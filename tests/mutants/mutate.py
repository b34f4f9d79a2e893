"""Makes mutants of a C or OpenCL C file: small changes of its text, each of a class."""
import dataclasses
import hashlib
import pathlib
import re

# An operator and what takes its place; all are surrounded by spaces, as clang-format lays them out.
OPERATORS = {
    "relation": {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="},
    "logic": {"&&": "||", "||": "&&"},
    "arithmetic": {"+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", "&": "|", "|": "&",
                   "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*=", "|=": "&=", "&=": "|="},
}
NUMBER = re.compile(r"(?<![\w.])(\d+(?:\.\d*)?(?:e[-+]?\d+)?)([uUlLfF]*)(?![\w.])")
NO_CALL = {"if", "for", "while", "switch", "return", "sizeof", "do", "else", "case", "defined"}
SYMMETRIC = {"strcmp", "memcmp", "min", "max", "fmin", "fmax", "smaller"}  # but for a sign
OPERAND = re.compile(r"[&*]?[A-Za-z_][\w.\[\]]*(?:->[\w.\[\]]+)*")
NOT_CODE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


@dataclasses.dataclass
class Mutant:
    path: str
    line: int
    kind: str      # the class
    function: str
    old: str       # the lines that it changes, as they are ...
    new: str       # ... and as it makes them, both without their layout
    text: str      # of the whole file
    key: str = ""  # tells it from all others, wherever the function stands

    def describe(self):
        return f"{self.path}:{self.line} {self.function} [{self.kind}]\n    - {self.old}\n    + {self.new}"


def masked(text):
    """The same length, with spaces for comments, texts and what only the preprocessor reads, but for bodies of macros."""
    blank = lambda found: re.sub(r"[^\n]", " ", found.group())
    text = NOT_CODE.sub(lambda found: '"' + " " * (len(found.group()) - 2) + '"' if found.group()[0] == '"'
                        else blank(found), text)
    text = re.sub(r"^#define \w+(?:\([^)]*\))?|^#(?!define)(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    return text.replace("\\\n", " \n")


def end_of_parentheses(text, begin):
    """Behind the one that closes text[begin], or None."""
    depth = 0
    for place in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth == 0:
            return place + 1
    return None


def operators(code):
    for kind, swaps in OPERATORS.items():
        names = "|".join(re.escape(name) for name in swaps)
        for found in re.finditer(rf"(?<= )({names})(?=\s)", code):
            yield kind, *found.span(), swaps[found.group()]
    for found in re.finditer(r"\+\+|--", code):
        yield "arithmetic", *found.span(), "--" if found.group() == "++" else "++"


def constants(code):
    for found in NUMBER.finditer(code):
        number, suffix = found.groups()
        if re.search(r"\bchar \w+\[[^\]\n]*$", code[:found.start()][-80:]):
            continue  # the room of a text
        if re.search(r"[.e]", number):
            value = float(number)
            yield "constant", *found.span(), f"{value * 2 if value else 1.0!r}{suffix}"
        else:
            for value in [int(number) + 1] + [int(number) - 1] * (int(number) > 0):
                yield "constant", *found.span(), f"{value}{suffix}"
    for found in re.finditer(r"\b(true|false)\b", code):
        yield "constant", *found.span(), "false" if found.group() == "true" else "true"


def conditions(code):
    for found in re.finditer(r"\b(if|while) \(", code):
        begin, end = found.end() - 1, end_of_parentheses(code, found.end() - 1)
        if not end or code[begin:end] == "(0)":
            continue  # `do ... while (0)` of a macro
        yield "condition negated", begin, begin, "(!"
        for forced in ("true", "false") if found.group(1) == "if" else ("false",):
            yield "branch forced", begin, end, f"({forced})"
    for found in re.finditer(r"!(?=[\w(])", code):
        yield "negation left out", *found.span(), ""


def statements(code):
    for found in re.finditer(r"(?:^ +|[;{})] |\belse |\bcase \w+: )([A-Za-z_]\w*)\(", code, re.M):
        end = end_of_parentheses(code, found.end() - 1)
        if found.group(1) not in NO_CALL and end and code[end:end + 1] == ";":
            kind = "TRY left out" if found.group(1) == "TRY" else "call left out"
            yield kind, found.start(1), end, ""
    for found in re.finditer(r"(?:^ +|[;{})] |\belse )(\*?[A-Za-z_][^\s=;(,]* (?:[-+*/%|&^]|<<|>>)?= [^;{}]*);", code,
                             re.M):
        yield "assignment left out", *found.span(1), ""
    for found in re.finditer(r"\b(break|continue|goto \w+);", code):
        yield "jump left out", *found.span(1), ""


def results(code):
    for found in re.finditer(r"\breturn ([^;]+);", code):
        value, span = found.group(1), found.span(1)
        if value.startswith("fail"):
            yield "result", *span, "EPOCL_OK"
        elif re.search(r" (?:[<>]=?|[=!]=|&&|\|\|) |^!", value) and " ? " not in value:
            yield "result", span[0], span[0], "!("
        elif value not in ("0", "true", "false", "EPOCL_OK", "NULL"):
            yield "result", *span, "0"


def swaps(code):
    for found in re.finditer(r"\b([A-Za-z_]\w*)\(", code):
        end = end_of_parentheses(code, found.end() - 1)
        if not end or found.group(1) in NO_CALL | SYMMETRIC:
            continue
        words, begin, depth = [], found.end(), 0
        for place in range(found.end(), end):
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(code[place], 0)
            if depth < 0 or (depth == 0 and code[place] == ","):
                words.append((begin, place))
                begin = place + 1
        for (a, b), (c, d) in zip(words, words[1:]):
            one, other = code[a:b].strip(), code[c:d].strip()
            if one != other and OPERAND.fullmatch(one) and OPERAND.fullmatch(other):
                yield "arguments swapped", a, d, code[a:b].replace(one, other) + "," + code[c:d].replace(other, one)


def close_negations(code, begin, new):
    """Where the parenthesis that `new` opens is closed: (end, closing)."""
    if new == "(!":
        return end_of_parentheses(code, begin), ")"
    return code.index(";", begin), ")"


def function_at(text, place):
    """The function, macro or table that holds this place."""
    found = None
    for found in re.finditer(r"^(?!\w+:$)(?:#define )?[A-Za-z_][^\n]*", text[:place + 1], re.M):
        pass
    line = text[found.start():text.index("\n", found.start())] if found else ""
    named = re.match(r"#define (\w+)|[^=(]*?(\w+)\(|[^=]*?(\w+)(?:\[[^\]]*\])* = |.*?(\w+) \{", line)
    return next((name for name in named.groups() if name), "") if named else ""


def squeezed(text):
    return " ".join(text.replace("\\\n", " ").split())


def mutants_of(path, text):
    """All mutants of a file, in the order of their places."""
    code, seen, made = masked(text), {}, []
    for generator in (operators, constants, conditions, statements, results, swaps):
        for kind, begin, end, new in generator(code):
            if new in ("(!", "!("):
                close, closing = close_negations(code, begin, new)
                inside = text[begin:close]
                changed = text[:begin] + new + inside + closing + text[close:]
                last = close
            else:
                changed, last = text[:begin] + new + text[end:], end
            first_line = text.rfind("\n", 0, begin) + 1
            last_line = text.find("\n", last)
            last_line = len(text) if last_line < 0 else last_line
            old, after = text[first_line:last_line], changed[first_line:last_line + len(changed) - len(text)]
            function = function_at(text, begin)
            mutant = Mutant(path, text.count("\n", 0, begin) + 1, kind, function, squeezed(old), squeezed(after), changed)
            identity = (pathlib.Path(path).stem, function, kind, mutant.old, mutant.new)
            seen[identity] = seen.get(identity, 0) + 1
            mutant.key = hashlib.sha256("\n".join((*identity, str(seen[identity]))).encode()).hexdigest()[:16]
            made.append((begin, mutant))
    return [mutant for _, mutant in sorted(made, key=lambda one: one[0])]
