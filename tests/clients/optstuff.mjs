// Prints URLs that are signed as OptStuff's server verifies them, the name of the image in each, and the size that a
// photograph of 160 by 120 comes to. OptStuff has no client of its own that is published: this one signs what its server
// decodes, as its documentation says.
import { createHmac } from "node:crypto";

function signed(operations, image, expires) {
  const text = `${operations}/${image}${expires ? `?exp=${expires}` : ""}`;
  const signature = createHmac("sha256", "mysecret").update(text).digest("base64url").slice(0, 32);
  const encoded = image.split("/").map(encodeURIComponent).join("/").replaceAll("%25", "%2525");
  return `/${operations}/${encoded}?key=pk_1&sig=${signature}${expires ? `&exp=${expires}` : ""}`;
}

const requests = [
  ["80x60", "w_80"],
  ["80x60", "h_60"],
  ["80x60", "s_80x60"],
  ["80x80", "s_80x80"],
  ["80x80", "s_80x80,fit_cover"],
  ["80x80", "s_80x80,fit_contain"],
  ["80x80", "s_80x80,fit_fill"],
  ["160x120", "w_900"],
  ["120x120", "s_900x900"],
  ["160x120", "f_webp,q_60"],
  ["80x60", "w_80,f_png"],
  ["80x60", "q_70,w_80,f_jpg"],
  ["160x120", "_"],
];

for (const [size, operations] of requests) {
  for (const image of ["photo.jpg", "album/a b+c.jpg", "album/100%.jpg"]) {
    for (const expires of [0, 4_102_444_800]) {
      console.log([signed(operations, image, expires), image, size].join("\t"));
    }
  }
}
