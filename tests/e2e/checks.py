"""What a script checks: told line by line, and counted."""
checked, failures = 0, []


def check(holds, what, found=None):
    """Returns whether it holds. What was found is shown where it does not."""
    global checked
    checked += 1
    print(("ok    " if holds else "FAILED"), what, flush=True)
    if not holds:
        failures.append(what)
        if found is not None:
            print(f"       found {str(found)[:2000]}", flush=True)
    return holds


def exit_code(name):
    """Tells the counts, and all that failed once more. The exit code of the script."""
    print(f"\n{name}: {checked - len(failures)} passed, {len(failures)} failed")
    for failure in failures:
        print("FAILED", failure)
    return 1 if failures else 0
