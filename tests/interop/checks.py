"""Counts what held and what did not."""


class Checks:
    def __init__(self):
        self.passed = self.failed = 0

    def expect(self, is_right, text):
        if is_right:
            self.passed += 1
        else:
            self.failed += 1
        print("ok    " if is_right else "FAILED", text)

    def end(self):
        """The exit status; says the totals."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0
