#!/bin/sh
# Provides Chromium, in which the tests look at reports. If the machine has one, it is used. Otherwise this script downloads
# Debian's packages with the machine's own configuration of apt, and unpacks them into cargo's target directory, which needs
# no root. There they stay as long as the program starts.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p "${CARGO_TARGET_DIR:-target}/test-servers/bin"
servers=$(cd "${CARGO_TARGET_DIR:-target}/test-servers" && pwd)
program=$servers/bin/chromium root=$servers/chromium

if [ -x "$program" ] && "$program" --version >/dev/null 2>&1; then
    exit 0
fi
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null && "$name" --version >/dev/null 2>&1; then
        ln -sf "$(command -v "$name")" "$program"
        exit 0
    fi
done
alternative="install Chromium so that a program chromium, chromium-browser or google-chrome is in PATH, then run"
alternative="$alternative scripts/test-servers/chromium.sh again"
for command in apt-get dpkg-deb; do
    if ! command -v "$command" >/dev/null; then
        echo "the tests of reports need Chromium, and without $command it cannot be downloaded here: $alternative" >&2
        exit 1
    fi
done

echo "downloading Chromium into $root" >&2
rm -rf "$root" "$program"
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
shell=$(find "$root/usr/lib" -name chromium-headless-shell -o -name headless_shell | head -n 1)
libraries=$(find "$root/usr/lib" "$root/lib" -name '*.so*' -exec dirname {} + 2>/dev/null | sort -u | paste -s -d : -)
# The fonts of the machine, if there are any, and the one that was unpacked.
cat >"$root/fonts.conf" <<CONF
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
    <dir>$root/usr/share/fonts</dir>
    <dir>/usr/share/fonts</dir>
    <cachedir>$root/fonts-cache</cachedir>
</fontconfig>
CONF
cat >"$root/chromium" <<WRAPPER
#!/bin/sh
export LD_LIBRARY_PATH="$libraries" FONTCONFIG_FILE="$root/fonts.conf"
exec "$shell" "\$@"
WRAPPER
chmod +x "$root/chromium"
if ! "$root/chromium" --version >/dev/null; then
    echo "the Chromium in $root does not start: $alternative" >&2
    exit 1
fi
# Last, so that an interrupted installation is not mistaken for a complete one.
ln -sf "$root/chromium" "$program"
