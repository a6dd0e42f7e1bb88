#!/bin/sh
# A customer's vCard, read and written by vcf 2.1.2 of npm. Within an address a semicolon stands between its parts, and
# one that belongs to a part is written as \;. Seen: "Flat 5, MG Road; Block B" is cut there all the same, so that the
# city is the state's part, Block B the city, and the backslashes stay in names and streets. On the way out the line
# break of a note is dropped and the lines are joined: "2 bags of 5" and "1346 is late" are "2 bags of 51346 is late".
# ical.js 2.2.1 reads the same card as it is meant. Expected: the parts of the address, and both lines, as \n.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit vcf@2.1.2 ical.js@2.2.1

cat >try.cjs <<'JS'
const VCard = require("vcf");
const loaded = require("ical.js");
const ICAL = loaded.default ?? loaded;

const text = [
  "BEGIN:VCARD",
  "VERSION:3.0",
  "N:Rao;Asha;;;",
  "FN:Rao\\, Asha",
  "ADR:;;Flat 5\\, MG Road\\; Block B;Bengaluru;;560001;India",
  "END:VCARD",
].join("\r\n");
const find = (card, name) => card[1].find((property) => property[0] === name)[3];
for (const [name, card] of [["vcf", new VCard().parse(text).toJSON()], ["ical.js", ICAL.parse(text)]]) {
  console.log(`${name}: ${find(card, "fn")}: ${JSON.stringify(find(card, "adr"))}`);
}

const card = new VCard();
card.set("fn", "Asha");
card.set("note", "2 bags of 5\n1346 is late");
console.log(card.toString("3.0").replaceAll("\r", ""));
JS
node try.cjs | tee seen

cat >expected <<'TXT'
vcf: Rao\, Asha: ["","","Flat 5\\, MG Road\\"," Block B","Bengaluru","","560001","India"]
ical.js: Rao, Asha: ["","","Flat 5, MG Road; Block B","Bengaluru","","560001","India"]
BEGIN:VCARD
VERSION:3.0
FN:Asha
NOTE:2 bags of 51346 is late
END:VCARD
TXT
diff -u expected seen && echo "as stated"
