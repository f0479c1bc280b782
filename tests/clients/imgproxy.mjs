// Prints URLs that imgproxy's client for Node makes, the name of the image in each, and the size that a photograph of 160
// by 120 comes to.
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const { generateImageUrl } = require("@imgproxy/imgproxy-node");

const requests = [
  ["80x60", { width: 80, height: 60 }],
  ["80x60", { width: 80 }],
  ["80x60", { resizing_type: "fit", width: 80, height: 80 }],
  ["80x80", { resizing_type: "fill", width: 80, height: 80 }],
  ["80x80", { resizing_type: "force", width: 80, height: 80 }],
  ["80x80", { resize: { resizing_type: "fill", width: 80, height: 80 }, gravity: { type: "sm" } }],
  ["80x80", { resizing_type: "fill", width: 80, height: 80, gravity: { type: "fp", x: 0.25, y: 0.5 } }],
  ["80x80", { resizing_type: "fill", width: 80, height: 80, gravity: { type: "nowe", x_offset: 5, y_offset: 5 } }],
  ["120x120", { resizing_type: "fill-down", width: 900, height: 900 }],
  ["160x120", { width: 900, height: 900 }],
  ["900x675", { width: 900, height: 900, enlarge: true }],
  ["80x60", { width: 40, dpr: 2 }],
  ["40x30", { width: 80, zoom: 0.5 }],
  // What sticks out of the box is cut off.
  ["40x40", { width: 40, height: 40, min_height: 80 }],
  ["80x80", { width: 80, height: 80, extend: { extend: true } }],
  ["100x80", { crop: { width: 100, height: 80, gravity: { type: "ce" } } }],
  ["80x60", { crop: { width: 0.5, height: 0.5 } }],
  ["120x160", { rotate: 90 }],
  ["180x140", { padding: { top: 10 } }],
  ["80x60", { width: 80, background: "ff0000" }],
  ["80x60", { width: 80, blur: 2, sharpen: 1, pixelate: 4 }],
  ["80x60", { width: 80, adjust: { brightness: 10, contrast: 1.2, saturation: 0.5 } }],
  ["80x60", { width: 80, watermark: { opacity: 0.5, position: "soea", x_offset: 5, y_offset: 5, scale: 0.2 } }],
  ["160x120", { quality: 70, format: "webp" }],
  ["160x120", { format_quality: [{ format: "jpeg", quality: 70 }, { format: "webp", quality: 60 }] }],
  ["160x120", { max_bytes: 5000 }],
  ["160x120", { strip_metadata: false, keep_copyright: true }],
  ["80x60", { width: 80, expires: 4_102_444_800 }],
  ["80x60", { width: 80, filename: { name: "report.jpg" }, return_attachment: true }],
];

for (const [size, options] of requests) {
  for (const displayAs of ["base64", "plain"]) {
    // Names in the path are left as they are.
    const name = displayAs === "plain" ? "album/photo.jpg" : "album/a b@2x.jpg";
    const url = { value: name, displayAs };
    const request = { endpoint: "http://localhost", url, options, key: "736563726574", salt: "68656c6c6f" };
    console.log([generateImageUrl(request).slice("http://localhost".length), name, size].join("\t"));
  }
}
