#!/bin/sh
# Provides Chromium, in which the tests look at reports. If the machine has one, it is used. Otherwise this script downloads
# Debian's packages with the machine's own configuration of apt, and unpacks them into cargo's target directory, which needs
# no root. There they stay as long as the program starts.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
servers=$(cd "${CARGO_TARGET_DIR:-target}/test-servers" && pwd)
program=$servers/bin/chromium root=$servers/chromium

# Whether a program shows a file from here. One that only starts is not enough: a Chromium of snap reads no files outside of the
# home directory.
shows_files() {
    probe=$(mktemp -d "$servers/chromium-probe.XXXXXX")
    echo '<!DOCTYPE html><p>this file can be read' >"$probe/page.html"
    shown=$(timeout 60 "$1" --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir="$probe/profile" \
        --dump-dom "file://$probe/page.html" 2>"$probe/log") || shown=
    last=$(tail -n 3 "$probe/log")
    rm -rf "$probe"
    case $shown in
    *'this file can be read'*) return 0 ;;
    *) return 1 ;;
    esac
}

if [ -x "$program" ] && shows_files "$program"; then
    exit 0
fi
for name in chromium chromium-browser google-chrome chromium-headless-shell; do
    if command -v "$name" >/dev/null && shows_files "$name"; then
        ln -sf "$(command -v "$name")" "$program"
        exit 0
    fi
done
alternative="install a Chromium that can read $servers so that a program chromium, chromium-browser, google-chrome or"
alternative="$alternative chromium-headless-shell is in PATH, then run"
alternative="$alternative scripts/test-servers/chromium.sh again"
for command in apt-get dpkg-deb; do
    if ! command -v "$command" >/dev/null; then
        echo "the tests of reports need Chromium, and without $command it cannot be downloaded here: $alternative" >&2
        exit 1
    fi
done

echo "downloading Chromium into $root" >&2
# Another run can do the same at the same time: each unpacks into a folder of its own, and the last one to finish wins.
final=$root root=$root.$$
trap 'rm -rf "$root"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$root/apt/lists/partial" "$root/apt/archives/partial"
# State and cache of our own: those of the machine need root, and may be empty or old. What is installed counts as there.
cat >"$root/apt/conf" <<CONF
Dir::State "$root/apt";
Dir::State::lists "$root/apt/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$root/apt";
Dir::Cache::archives "$root/apt/archives";
Dir::Log "$root/apt";
Debug::NoLocking "true";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Keep-Downloaded-Packages "true";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
CONF
apt() {
    if ! apt-get -c "$root/apt/conf" -qq "$@" </dev/null >"$root/apt/log" 2>&1; then
        cat "$root/apt/log" >&2
        echo "apt-get $1 failed: look at what it says above and at the sources in /etc/apt, or $alternative" >&2
        exit 1
    fi
}
apt update
# The shell is Chromium without windows, at a third of the size. Debian has it since version 12.
apt install --yes --download-only chromium-headless-shell fonts-dejavu-core
for package in "$root"/apt/archives/*.deb; do
    dpkg-deb --extract "$package" "$root"
done
rm -rf "$root/apt"
shell=$(find "$root/usr/lib" -type f \( -name chromium-headless-shell -o -name headless_shell \) | head -n 1)
if [ -z "$shell" ]; then
    # apt downloads nothing that the machine has: then it is installed, and was tried above.
    echo "the packages that apt downloaded have no headless Chromium: $alternative" >&2
    exit 1
fi
libraries=$(find "$root/usr/lib" "$root/lib" -name '*.so*' -exec dirname {} + 2>/dev/null | sort -u | paste -s -d : -)
# From here on, paths are those of the folder once it is in its place.
shell=$final${shell#"$root"}
libraries=$(echo "$libraries" | sed "s|$root/|$final/|g")
# The fonts of the machine, if there are any, and the one that was unpacked.
cat >"$root/fonts.conf" <<CONF
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
    <dir>$final/usr/share/fonts</dir>
    <dir>/usr/share/fonts</dir>
    <cachedir>$final/fonts-cache</cachedir>
</fontconfig>
CONF
cat >"$root/chromium" <<WRAPPER
#!/bin/sh
export LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$final/fonts.conf"
exec "$shell" "\$@"
WRAPPER
chmod +x "$root/chromium"
old=$root.old
if [ -e "$final" ]; then
    mv "$final" "$old" 2>/dev/null || true
fi
# Without -T a folder that another run has put there meanwhile would take ours in.
if ! mv -T "$root" "$final" 2>/dev/null && ! [ -x "$final/chromium" ]; then
    echo "$root cannot be moved to $final: remove $final, and run scripts/test-servers/chromium.sh again" >&2
    exit 1
fi
rm -rf "$old"
if ! shows_files "$final/chromium"; then
    echo "the Chromium in $final does not show a page ($last): $alternative" >&2
    exit 1
fi
# Last, so that an interrupted installation is not mistaken for a complete one.
ln -sf "$final/chromium" "$program"
