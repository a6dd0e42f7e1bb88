#!/bin/sh
# SheetJS 0.18.5 (xlsx of npm) reads an HTML table that is named .xls, as portals export it. Seen: of entities it knows
# a few names and no number, so PHP's &#039; in Asha's and &#8377; for ₹ stay as they are; flat 5/4 and an amount with
# its minus behind it, 5-, are days of the year 2001, house 12E5 is 1200000, and order 0012 is 12 even where the cell
# says with mso-number-format that it is text, as Excel reads it. From there to CSV a phone number with 91 before it
# becomes 9.19877E+11. With { raw: true } all but the entities is right. Expected: the text,
# or what Excel makes of it.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$folder" && npm install --silent --no-fund --no-audit xlsx@0.18.5)

cat >"$folder/orders.xls" <<'HTML'
<table>
<tr><th>Customer</th><th>Rate</th><th>Flat</th><th>Refund</th><th>House</th><th>Order</th><th>Phone</th></tr>
<tr><td>Asha&#039;s</td><td>&#8377;500</td><td>5/4</td><td>5-</td><td>12E5</td>
<td style='mso-number-format:"\@"'>0012</td><td>919876543210</td></tr>
<tr><td>M&amp;S</td><td>₹500</td><td>12-A</td><td>-5</td><td>12F5</td><td>T12</td><td>98765 43210</td></tr>
</table>
HTML

cat >"$folder/read.cjs" <<'JS'
const xlsx = require("xlsx");
for (const raw of [false, true]) {
    const [sheet] = Object.values(xlsx.readFile("orders.xls", { raw }).Sheets);
    console.log(`raw ${raw}, values:`, JSON.stringify(xlsx.utils.sheet_to_json(sheet, { header: 1 })[1]));
    console.log(`raw ${raw}, as CSV:`, xlsx.utils.sheet_to_csv(sheet).split("\n")[1]);
}
JS

cd "$folder"
node read.cjs | tee seen

cat >expected <<'TXT'
raw false, values: ["Asha&#039;s","&#8377;500",37015,37012,1200000,12,919876543210]
raw false, as CSV: Asha&#039;s,&#8377;500,5/4/01,5/1/01,1200000,12,9.19877E+11
raw true, values: ["Asha&#039;s","&#8377;500","5/4","5-","12E5","0012","919876543210"]
raw true, as CSV: Asha&#039;s,&#8377;500,5/4,5-,12E5,0012,919876543210
TXT
diff -u expected seen && echo "as stated"
