#!/bin/sh
# prepare.sh PYTHON PG: inside a bare root, installs both and what the tests of the suite look for.
set -eu
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
python=$1 server=$2

# A mirror that keeps the state of a day has lists that have run out.
echo 'Acquire::Check-Valid-Until "false";' >/etc/apt/apt.conf.d/mirror-of-a-day
# Clusters are what the tests make; a server that a package starts would hold their port.
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf

versions="postgresql-$server"
[ ! -e /etc/apt/sources.list.d/debian-12.list ] || versions='postgresql-15 postgresql-18'
apt-get update -qq -o Acquire::Retries=3
# shellcheck disable=SC2086 # a list of package names
apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 \
    ca-certificates git locales make python3 "python$python-venv" $versions \
    pgbouncer prometheus dovecot-imapd pdftk-java >/var/log/packages.log 2>&1 || {
    tail -n 20 /var/log/packages.log >&2
    exit 1
}
# What `python3` means for everything that is started here.
ln -s "/usr/bin/python$python" /usr/local/bin/python3
# A test becomes an ordinary user and reads the programs of this checkout, which is root's.
chmod 0755 /root
cd simplify
sh demo/setup.sh dev
