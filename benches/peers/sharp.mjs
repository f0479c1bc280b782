// sharp for the benchmark `engine`: a line WIDTH, HEIGHT, FORMAT, QUALITY, FILES in; the CPU time in us and the bytes out.
import { createRequire } from 'node:module';
import readline from 'node:readline';
import path from 'node:path';

const sharp = createRequire(path.join(process.argv[2], 'package.json'))('sharp');
sharp.cache(false);
sharp.concurrency(1);

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [width, height, format, quality, ...files] = line.split('\t');
  const size = [Number(width), Number(height) || undefined];
  const options = { quality: Number(quality) };
  if (format === 'avif') options.effort = 2;
  const start = process.cpuUsage();
  let bytes = 0;
  for (const file of files) {
    const image = sharp(file, { animated: file.endsWith('.gif') }).resize(...size, { withoutEnlargement: true });
    bytes += (await (format === 'png' ? image.png() : image[format](options)).toBuffer()).length;
  }
  const { user, system } = process.cpuUsage(start);
  console.log(`${user + system}\t${bytes}`);
}
