#!/bin/sh
# ansible-core 2.19.14, a task in the background (async, poll: 0) that has a HOME of its own, then async_status. Seen: the job
# writes its result below that HOME, async_status looks below the connection's, also if it is given the same HOME, and says
# "could not find job" of one that went well. And in a dry run a task in the background is always changed, even where
# the command's `creates` is there already; in the foreground it is not.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.19.14
mkdir "$folder/home" "$folder/other"

cat >"$folder/play.yml" <<YML
- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - ansible.builtin.command: { cmd: "true", creates: "$folder/play.yml" }
      async: 20
      poll: 0
      register: background
      check_mode: true
    - ansible.builtin.command: { cmd: "true", creates: "$folder/play.yml" }
      register: foreground
      check_mode: true
    - ansible.builtin.command: "true"
      async: 20
      poll: 0
      environment: { HOME: "$folder/other" }
      register: job
    - ansible.builtin.wait_for: { path: "$folder/other/.ansible_async/{{ job.ansible_job_id }}", timeout: 60 }
    - ansible.builtin.async_status: { jid: "{{ job.ansible_job_id }}" }
      environment: { HOME: "$folder/other" }
      register: status
      ignore_errors: true
    - ansible.builtin.copy:
        dest: "$folder/seen"
        content: |
          dry run, there already: background changed {{ background.changed }}, foreground changed {{ foreground.changed }}
          async_status: {{ status.msg }}
YML
HOME="$folder/home" LC_ALL=C.UTF-8 ANSIBLE_PYTHON_INTERPRETER="$folder/venv/bin/python" \
    "$folder/venv/bin/ansible-playbook" -i localhost, "$folder/play.yml" >"$folder/log" 2>&1 || tail -20 "$folder/log"
cat "$folder/seen"

cat >"$folder/expected" <<'TXT'
dry run, there already: background changed True, foreground changed False
async_status: could not find job
TXT
diff -u "$folder/expected" "$folder/seen" && echo "as stated"
