// Bundles the patient's page into the relay's package data: hashed names, no host, the same bytes at every build.
//
//     node build.mjs [FOLDER]

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { build } from "esbuild";

const here = import.meta.dirname;
const out = process.argv[2] ?? join(here, "../src/colloque/relay/page");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const { metafile } = await build({
  entryPoints: { patient: join(here, "src/patient/main.tsx") },
  absWorkingDir: here,
  outdir: out,
  entryNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome109", "firefox115", "safari16"],
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
const made = Object.keys(metafile.outputs).map((path) => basename(path));
const named = (end) => made.find((name) => name.endsWith(end));
const integrity = (name) => `sha384-${createHash("sha384").update(readFileSync(join(out, name))).digest("base64")}`;
const [script, style] = [named(".js"), named(".css")];
const drawing = readFileSync(join(here, "src/ui/icon.svg"));
const icon = `icon-${createHash("sha256").update(drawing).digest("hex").slice(0, 8)}.svg`;
writeFileSync(join(out, icon), drawing);
writeFileSync(
  join(out, "index.html"),
  `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="robots" content="noindex">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Colloque</title>
<link rel="icon" href="/page/${icon}">
<link rel="stylesheet" href="/page/${style}" integrity="${integrity(style)}">
<script type="module" src="/page/${script}" integrity="${integrity(script)}"></script>
</head>
<body>
<div id="root"></div>
<noscript><p>Cette page a besoin de JavaScript pour chiffrer vos messages sur cet appareil.</p>
<p lang="en">This page needs JavaScript, to encrypt your messages on this device.</p></noscript>
</body>
</html>
`,
);
if (process.env.COLLOQUE_SIZES) {
  const inputs = Object.entries(metafile.outputs).flatMap(([, o]) => Object.entries(o.inputs));
  inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
  for (const [path, { bytesInOutput }] of inputs.slice(0, 40)) console.log(bytesInOutput, path);
}
