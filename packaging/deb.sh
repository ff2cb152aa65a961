#!/usr/bin/env bash
# Builds a .deb of the command, with man pages in both languages and completions: from a clean checkout, with Rust, a C
# compiler and dpkg-dev on this machine, for this machine's architecture.
#
#   packaging/deb.sh [FOLDER]        where the package goes [target/packages]
#   PROFILE=release                  another profile than dist: minutes of link-time optimisation less, and larger
#   BINARY=target/dist/ecrm          a binary that is built already
#   DEBFULLNAME, DEBEMAIL            who maintains the package, as Debian's tools have it [the last commit's author]
#
# By hand with Debian's own tools and not with cargo-deb: they are on every Debian, where that is compiled for minutes first,
# and man pages and completions are printed by the program itself, which no list of files can do.
set -euo pipefail
umask 022
cd "$(dirname "$0")/.."
out=${1:-target/packages}
profile=${PROFILE:-dist}
if [ -z "${BINARY:-}" ]; then
    cargo build --locked --bin ecrm --profile "$profile"
    BINARY=${CARGO_TARGET_DIR:-target}/$profile/ecrm
fi
version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -1)
architecture=$(dpkg --print-architecture)
# The same commit gives the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y Cargo.toml)}
export SOURCE_DATE_EPOCH
maintainer=${DEBFULLNAME:-$(git log -1 --format=%an)}
address=${DEBEMAIL:-$(git log -1 --format=%ae)}

work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
root=$work/root
share=$root/usr/share
doc=$share/doc/ecrm
install -d "$root/DEBIAN" "$root/usr/bin" "$doc" "$share/man/man1" "$share/man/zh_CN/man1" \
    "$share/bash-completion/completions" "$share/zsh/vendor-completions" "$share/fish/vendor_completions.d"

install -m 755 "$BINARY" "$root/usr/bin/ecrm"
strip --strip-unneeded "$root/usr/bin/ecrm"
ecrm() { env -u LANGUAGE LC_ALL="$language" LANG="$language" "$root/usr/bin/ecrm" "$@"; }
language=C.UTF-8
ecrm man "$share/man/man1"
ecrm completions bash >"$share/bash-completion/completions/ecrm"
ecrm completions zsh >"$share/zsh/vendor-completions/_ecrm"
ecrm completions fish >"$share/fish/vendor_completions.d/ecrm.fish"
language=zh_CN.UTF-8
ecrm man "$share/man/zh_CN/man1"

install -m 644 README.md README.zh.md "$doc"
install -m 644 CHANGELOG.md "$doc/changelog"
{
    printf 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: ecrm\n\n'
    printf 'Files: *\nCopyright: %s\nLicense: MIT or Apache-2.0\n\nLicense: MIT\n' \
        "$(sed -n 's/^Copyright (c) //p' LICENSE-MIT)"
    sed -n '/^Permission/,$p' LICENSE-MIT | sed 's/^$/./; s/^/ /'
    printf '\nLicense: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n'
} >"$doc/copyright"
find "$share/man" -name '*.1' -exec gzip -9n {} +
gzip -9n "$doc"/README.md "$doc"/README.zh.md "$doc"/changelog

# Which versions of the system's libraries it needs is what Debian's own tool finds in the binary.
mkdir "$work/debian"
printf 'Source: ecrm\n\nPackage: ecrm\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -e"$root/usr/bin/ecrm" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo "dpkg-shlibdeps found no libraries" >&2; exit 1; }
cat >"$root/DEBIAN/control" <<CONTROL
Package: ecrm
Version: $version
Architecture: $architecture
Maintainer: $maintainer <$address>
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f1)
Depends: $depends
Section: misc
Priority: optional
Description: customer analytics for online shops
 Point it at the orders that a shop's platform exports: it says who the
 customers are and what to do about each, in tables, lists and one page with
 charts, in English and Chinese.
CONTROL
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
mkdir -p "$out"
dpkg-deb --root-owner-group --build "$root" "$out/ecrm_${version}_$architecture.deb" >&2
ls -l "$out/ecrm_${version}_$architecture.deb"
