"""What the loops of a kernel's assembly say, whatever its processor: the share of multiply-adds in the product loop, and
how many loads from global memory the multiply-adds of the loop around it wait for."""
from dataclasses import dataclass, field


@dataclass
class Instruction:
    kind: str  # "fma", "local load", "global load", "private", "barrier", "other"; "none": no issue slot of its own
    fmas: int = 0
    target: str = ""  # the label that a branch goes to
    writes: frozenset = frozenset()  # registers, of a global load
    reads: frozenset = frozenset()  # registers
    awaits: int = -1  # AMD: that at most so many global loads may be under way hereafter; -1: no such wait


@dataclass
class Code:
    instructions: list = field(default_factory=list)
    labels: dict = field(default_factory=dict)  # label: index of what follows it

    def label(self, name):
        self.labels[name] = len(self.instructions)

    def loops(self):
        """(first, last) of each backward branch."""
        for last, one in enumerate(self.instructions):
            first = self.labels.get(one.target, len(self.instructions)) if one.target else len(self.instructions)
            if first <= last:
                yield first, last


def fmas(code, loop):
    return sum(one.fmas for one in code.instructions[loop[0]:loop[1] + 1])


def product_loops(code):
    """The innermost loop of a product from local memory, and the outermost around it; None without any."""
    def is_product(loop):
        kinds = {one.kind for one in code.instructions[loop[0]:loop[1] + 1]}
        return fmas(code, loop) >= 8 and "local load" in kinds

    loops = [loop for loop in code.loops() if is_product(loop)]
    if not loops:
        return None
    outer = max(loops, key=lambda loop: loop[1] - loop[0])
    inner = [loop for loop in loops if outer[0] <= loop[0] and loop[1] <= outer[1]]
    return min(inner, key=lambda loop: loop[1] - loop[0]), outer


def product(code):
    """fma: multiply-adds, in percent of what the product loop issues. awaited: (loads awaited before the multiply-adds that
    follow them in a round of the loop around it, all loads of a round). in_memory: accesses of private memory in that
    round. Each None without a product loop."""
    loops = product_loops(code)
    if not loops:
        return {"fma": None, "awaited": None, "in_memory": None}
    inner = [one for one in code.instructions[loops[0][0]:loops[0][1] + 1] if one.kind != "none"]
    outer = code.instructions[loops[1][0]:loops[1][1] + 1]
    loads = [i for i, one in enumerate(outer) if one.kind == "global load"]
    return {"fma": 100.0 * sum(one.kind == "fma" for one in inner) / len(inner),
            "awaited": (sum(is_awaited(outer, i) for i in loads), len(loads)),
            "in_memory": sum(one.kind == "private" for one in outer)}


def is_awaited(body, load):
    """Whether what a load brings is needed before the first multiply-add after it."""
    under_way = 0  # loads issued after it
    for one in body[load + 1:]:
        if one.kind == "fma":
            return False
        if one.awaits >= 0 and under_way >= one.awaits:
            return True
        if body[load].writes & one.reads:
            return True
        under_way += one.kind == "global load"
    return False
