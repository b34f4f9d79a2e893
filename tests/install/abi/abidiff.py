"""What libabigail's abidiff says of two libraries: another reader of the same interface, from their debugging
information."""

import shutil
import subprocess
import tempfile


def is_installed():
    return shutil.which("abidiff") is not None


def differences(before, before_headers, now, now_headers, grown):
    """abidiff's report on what of the library `before` is not as it was, "" where there is nothing. New functions, and new
    constants at the end of enumerations, are no difference. It is not asked about structures that have `grown`: with its
    own rule for new fields at the end (has_data_member_inserted_at), release 2.2 overlooks other changes of any structure."""
    with tempfile.NamedTemporaryFile("w", suffix=".abignore") as allowed:
        for name in grown:
            allowed.write(f"[suppress_type]\nname = {name}\n")
        allowed.flush()
        words = ["abidiff", "--no-default-suppression", "--suppressions", allowed.name, "--no-added-syms", "--ignore-soname"]
        words += ["--drop-private-types", "--headers-dir1", before_headers, "--headers-dir2", now_headers, before, now]
        done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode & 3:  # it failed, or was called in a wrong way
        raise RuntimeError(f"abidiff ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout if done.returncode else ""
