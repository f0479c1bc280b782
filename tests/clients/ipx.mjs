// Prints URLs that unpic makes for IPX, the name of the image in each, and the size that a photograph of 160 by 120 comes
// to. They are not signed.
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { transformUrl } = require("unpic");

const requests = [
  ["80x60", { width: 80, height: 60 }],
  ["80x80", { width: 80, height: 80 }],
  ["80x60", { width: 80 }],
  ["80x60", { height: 60 }],
  ["160x120", { format: "webp" }],
  ["160x120", { quality: 60 }],
  ["80x60", { width: 80, quality: 60, format: "webp" }],
];
const operations = [
  ["80x60", { s: "80x80", fit: "inside" }],
  ["107x80", { s: "80x80", fit: "outside" }],
  ["80x80", { s: "80x80", fit: "contain", b: "ff0000" }],
  ["80x80", { s: "80x80", fit: "fill" }],
  ["120x160", { rotate: 90 }],
  ["50x40", { crop: "10_20_50_40" }],
  ["80x60", { w: 80, blur: 3, sharpen: "1_1_2" }],
  ["80x60", { w: 80, grayscale: "", flip: "" }],
  ["182x126", { extend: "1_2_5_20", b: "00ff00" }],
];

for (const name of ["photo.jpg", "album/photo.jpg"]) {
  for (const [size, request] of requests) {
    const url = transformUrl({ url: `/_ipx/_/${name}`, provider: "ipx", ...request });
    console.log([url.slice("/_ipx".length), name, size].join("\t"));
  }
  for (const [size, request] of operations) {
    const url = transformUrl({ url: `/_ipx/_/${name}`, provider: "ipx" }, { ipx: request });
    console.log([url.slice("/_ipx".length), name, size].join("\t"));
  }
}
