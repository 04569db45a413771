"""Make `.venv` ready for this machine: one call, as root or not, with nothing but Python 3.11 and the network.

Every package but torch comes from the hashed lock. torch is chosen here, because the build a registry offers first may
be a CUDA one of several gigabytes that a machine without a GPU can do nothing with.
Run by `make`; run it by hand with `python3 .ci/setup.py`.
"""

import json
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
TORCH = "torch==2.13.0"  # 2.14 resolves to a CUDA build on Linux; the models we ship were measured with 2.13
STARTED = time.monotonic()


def main() -> None:
    if Path(sys.prefix).resolve() == VENV.resolve():
        install()
    else:
        check_python()
        create_venv()
        # The rest runs in the new environment: its pip, its markers, its wheel tags.
        interpreter = str(VENV / "bin" / "python")
        os.execv(interpreter, [interpreter, str(Path(__file__).resolve())])


def check_python() -> None:
    here = platform.python_version()
    if sys.version_info < (3, 11):  # noqa: UP036 - an older Python reaches this line
        stop(f"Python 3.11 or newer is needed; {sys.executable} is {here}. Name another one: make PYTHON=python3.12 …")
    try:
        import ensurepip  # noqa: F401  Debian and Ubuntu split it from python3
        import venv  # noqa: F401
    except ImportError:
        stop(f"Python {here} lacks its venv part. Install it with:\n\n    sudo apt-get install -y python3-venv\n")


def create_venv() -> None:
    """A new one, or the old one when its Python still runs and is this one: then only what changed is installed."""
    say(1, f"a virtual environment in {VENV.name}/ with Python {platform.python_version()}")
    old = VENV / "bin" / "python"
    if old.exists():
        answer = subprocess.run([str(old), "-m", "pip", "--version"], capture_output=True, text=True)
        if answer.returncode == 0 and f"(python {sys.version_info[0]}.{sys.version_info[1]})" in answer.stdout:
            return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def install() -> None:
    say(2, "torch, the build that fits this machine")
    if not installed(TORCH):
        pip(*torch_arguments())
    count = len(re.findall(r"(?m)^[a-z0-9][\w.-]*==", LOCK.read_text(encoding="utf-8")))
    say(3, f"up to {count} packages, each checked against the lock")
    pip("--no-deps", "--require-hashes", "-r", str(LOCK), total=count)
    say(4, "this project, and a check that all packages agree")
    pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    run_pip("check")
    (VENV / ".ready").write_text(time.strftime("%Y-%m-%dT%H:%M:%SZ\n", time.gmtime()), encoding="ascii")
    say(5, "ready")


# --- torch ------------------------------------------------------------------------------------------------------------


def torch_arguments() -> list[str]:
    if has_gpu():
        return [TORCH]  # with the CUDA libraries it asks for
    if offers_cpu_build():
        return ["--no-deps", TORCH]
    index = os.environ.get("PPIR_TORCH_INDEX")
    if index:
        # --index-url, not --extra-index-url: an unreachable extra index costs seconds for every package.
        return ["--no-deps", "--retries", "0", "--index-url", index, TORCH]
    print(
        f"    {TORCH} is offered here as a CUDA build only, several GB with its libraries, and there is no GPU.\n"
        "    Installing it all the same: matching needs it. PPIR_TORCH_INDEX may name an index of CPU builds instead.",
        flush=True,
    )
    return [TORCH]


def has_gpu() -> bool:
    return any(Path("/dev").glob("nvidia[0-9]*")) or Path("/proc/driver/nvidia/version").exists()


def offers_cpu_build() -> bool:
    """What pip would install here, by its own report."""
    command = ["install", "--quiet", "--dry-run", "--no-deps", "--ignore-installed", "--report", "-", TORCH]
    report = json.loads(run_pip(*command))
    return runs_without_gpu(report["install"][0]["metadata"])


def runs_without_gpu(metadata: dict) -> bool:
    """A '+cpu' version, or one that asks for no CUDA package on this machine."""
    if metadata["version"].endswith("+cpu"):
        return True
    from pip._vendor.packaging.requirements import Requirement

    wanted = [Requirement(line) for line in metadata.get("requires_dist", [])]
    here = [need.name.lower() for need in wanted if need.marker is None or need.marker.evaluate({"extra": ""})]
    return not any(name.startswith(("nvidia-", "cuda-", "triton")) for name in here)


def installed(pin: str) -> bool:
    from importlib import metadata

    name, version = pin.split("==")
    try:
        return metadata.version(name).split("+")[0] == version
    except metadata.PackageNotFoundError:
        return False


# --- pip --------------------------------------------------------------------------------------------------------------


def pip(*arguments: str, total: int = 0) -> None:
    """`pip install`, told as a count instead of pages of text; the text appears when it fails."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--progress-bar",
        "off",
        *arguments,
    ]
    lines: list[str] = []
    seen = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith(("Collecting", "Requirement already satisfied")):
                seen += 1
                if total and seen % 20 == 0:
                    print(f"    {seen} of {total}  ({elapsed()})", flush=True)
            elif line.startswith("Installing collected packages"):
                print(f"    unpacking  ({elapsed()})", flush=True)
    if process.returncode:
        stop("".join(lines[-40:]) + f"\npip install {' '.join(arguments)} failed; the lines above say why.")


def run_pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        stop(result.stdout + result.stderr + f"\npip {' '.join(arguments)} failed.")
    return result.stdout


# --- words ------------------------------------------------------------------------------------------------------------


def say(step: int, text: str) -> None:
    print(f"[{step}/5] {text}  ({elapsed()})", flush=True)


def elapsed() -> str:
    return f"{time.monotonic() - STARTED:.0f} s"


def stop(text: str) -> None:
    print(text, file=sys.stderr)
    raise SystemExit(1)


if __name__ == "__main__":
    main()
