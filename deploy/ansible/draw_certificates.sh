#!/bin/sh
# draw_certificates.sh INVENTORY [options of ansible-vault]: a CA and a certificate for each host, with which they draw together.
#
# All are new at once and take the place of those before, in group_vars/all/draw_certificates.yml of the inventory, encrypted
# by its vault. The CA's key is not kept: nobody can make a certificate more, and a further host or year begins here again.
set -eu
umask 077
inventory=${1:?usage: draw_certificates.sh inventories/production [--ask-vault-pass]}
shift
days=365

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/openssl.cnf" <<'CNF'
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[host]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
CNF

quietly() { # COMMAND…: what openssl tells of a success is no news
    "$@" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
}

request() { # FILES NAME OPTIONS…: a key, and what is to be signed with it or, with -x509, is signed already
    files=$1 name=$2
    shift 2
    quietly openssl req -config "$work/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -batch \
        -subj "/O=Simplify Pipelines/CN=$name" -keyout "$work/$files.key" -out "$work/$files.pem" "$@"
}

sign() { # FILES
    quietly openssl x509 -req -in "$work/$1.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
        -set_serial "0x$(openssl rand -hex 16)" -days "$days" -sha256 \
        -extfile "$work/openssl.cnf" -extensions host -out "$work/$1.signed"
}

indented() { sed 's/^/    /' "$@"; }

# Names alone: they need no vault.
ansible --inventory "$inventory" --list-hosts simplify:simplify_draw >"$work/listed"
hosts=$(sed '1d; s/ //g' "$work/listed")
[ -n "$hosts" ] || { echo "draw_certificates: $inventory names no host" >&2; exit 1; }

request ca "drawing together" -x509 -days "$days" -extensions ca
for host in $hosts; do
    request "host-$host" "$host"
    sign "host-$host"
done

{
    echo '---'
    echo 'vault_draw_ca: |'
    indented "$work/ca.pem"
    echo 'vault_draw_certificates:'
    for host in $hosts; do
        echo "  $host: |"
        indented "$work/host-$host.signed" "$work/host-$host.key"
    done
} >"$work/vars.yml"

file=$inventory/group_vars/all/draw_certificates.yml
ansible-vault encrypt "$@" --output "$work/encrypted.yml" "$work/vars.yml"
mv -f "$work/encrypted.yml" "$file"
echo "$file: valid for $days days, for" $hosts
