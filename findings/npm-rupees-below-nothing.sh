#!/bin/sh
# Amounts to print on a bill, by three packages of npm that are made for India. Seen: indian-number-format 1.0.5 gives
# two decimals to 9,12,450.50 and one to the same refund, -9,12,450.5; convert-rupees-into-words 1.0.6 puts a refund of
# 12,345 into the words of another amount, says "Lakh Thousand" of 1,00,001 and nothing at all of 123 crore; number2text
# 1.1.0 reads 1.05 as One Point Five, and 99.995 as Ninety-Nine Point One Hundred. Expected: the amount, or a refusal.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-fund --no-audit indian-number-format@1.0.5 convert-rupees-into-words@1.0.6 number2text@1.1.0

cat >try.cjs <<'JS'
const { formatFixed } = require("indian-number-format");
const inWords = require("convert-rupees-into-words");
const asText = require("number2text");

for (const amount of [912450.5, -912450.5, 5, -5]) console.log(`formatFixed(${amount}, 2): ${formatFixed(amount, 2)}`);
for (const amount of [12345, -12345, 100000, 100001, 1234567890]) console.log(`${amount} in words: ${inWords(amount) || "nothing"}`);
for (const amount of [1.5, 1.05, 99.995]) console.log(`${amount} as text: ${asText(amount, "Indian")}`);
JS
node try.cjs | tee seen

cat >expected <<'TXT'
formatFixed(912450.5, 2): 9,12,450.50
formatFixed(-912450.5, 2): -9,12,450.5
formatFixed(5, 2): 5.00
formatFixed(-5, 2): -5
12345 in words: Twelve Thousand Three Hundred Forty Five Rupees
-12345 in words: One Lakh One Thousand Hundred  Four Rupees
100000 in words: One Lakh Rupees
100001 in words: One Lakh Thousand One Rupees
1234567890 in words: nothing
1.5 as text: One Point Fifty
1.05 as text: One Point Five
99.995 as text: Ninety-Nine Point One Hundred
TXT
diff -u expected seen && echo "as stated"
