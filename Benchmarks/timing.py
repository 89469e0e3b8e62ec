"""What the scripts beside this one share: programs run and timed, and figures in words."""
import json, os, resource, statistics, subprocess, sys, time

# A process's peak counts what it was before it became another program: a small one stands between.
WATCH = ("import resource, subprocess, sys; done = subprocess.run(sys.argv[1:]); "
         "seen = resource.getrusage(resource.RUSAGE_CHILDREN); "
         "print(seen.ru_maxrss, seen.ru_utime + seen.ru_stime, file=sys.stderr); sys.exit(done.returncode)")


def stop(why):
    sys.exit(f"{os.path.basename(sys.argv[0])}: {why}")


def spread(values, digits=2):
    """The median, with the least and the largest in brackets."""
    return f"{statistics.median(values):,.{digits}f} [{min(values):,.{digits}f}–{max(values):,.{digits}f}]"


def run(*command, **variables):
    """What a program writes; ends the script where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **variables})
    if done.returncode:
        stop(f"status {done.returncode}: {' '.join(command)}\n{done.stderr}")
    return done.stdout


def last_line(text):
    return json.loads(text.strip().splitlines()[-1])


def answer(*command):
    """The last line that a program writes; None where it fails, as one does that is not installed."""
    done = subprocess.run(command, capture_output=True, text=True)
    return last_line(done.stdout) if done.returncode == 0 and done.stdout else None


def timed(*command):
    """Seconds of the processor and of the wall; ends the script where the program fails."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = time.perf_counter() - wall
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        stop(f"status {done.returncode}: {' '.join(command)}\n{done.stderr.decode()}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def watched(*command, stdout=subprocess.DEVNULL):
    """Starts a program whose input is to be written, and whose peak `peak` gives."""
    return subprocess.Popen([sys.executable, "-S", "-c", WATCH, *command], stdin=subprocess.PIPE, stdout=stdout,
                            stderr=subprocess.PIPE)


def peak(name, tool):
    """MB of resident memory and seconds of the processor, once the program has ended; stops the script if it failed."""
    said = tool.stderr.read().decode()
    if tool.wait():
        stop(f"{name}: status {tool.returncode}\n{said}")
    size, seconds = said.splitlines()[-1].split()
    return int(size) / 1024, float(seconds)


def memory_row(name, pieces, *command):
    """One row of a table: the megabytes that came in, the peak of the resident memory, seconds of the processor."""
    tool, size = watched(*command), 0
    try:
        for piece in pieces:
            size += tool.stdin.write(piece)
        tool.stdin.close()
    except BrokenPipeError:
        pass  # it has ended too early: `peak` says how
    megabytes, seconds = peak(name, tool)
    print(f"| {name} | {size / 1e6:,.0f} | {megabytes:,.0f} | {seconds:.1f} |", flush=True)
