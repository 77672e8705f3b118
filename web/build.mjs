// Bundles the two pages into package data: the patient's for the relay, the practitioner's for the desk. Hashed names, no host, the
// same bytes at every build.
//
//     node build.mjs [FOLDER OF THE PATIENT'S PAGE, FOLDER OF THE DESK'S]

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

import { build } from "esbuild";

const here = import.meta.dirname;
const drawing = readFileSync(join(here, "src/ui/icon.svg"));
const icon = `icon-${createHash("sha256").update(drawing).digest("hex").slice(0, 8)}.svg`;

/** `base`: where its files are served. */
async function bundle({ name, out, base, title, without, sums }) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const { metafile } = await build({
    entryPoints: { [name]: join(here, `src/${name}/main.tsx`) },
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
  const named = (end) => made.find((one) => one.endsWith(end));
  const integrity = (one) => `sha384-${createHash("sha384").update(readFileSync(join(out, one))).digest("base64")}`;
  const [script, style] = [named(".js"), named(".css")];
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
<title>${title}</title>
<link rel="icon" href="${base}${icon}">
<link rel="stylesheet" href="${base}${style}" integrity="${integrity(style)}">
<script type="module" src="${base}${script}" integrity="${integrity(script)}"></script>
</head>
<body>
<div id="root"></div>
<noscript><p>${without.fr}</p>
<p lang="en">${without.en}</p></noscript>
</body>
</html>
`,
  );
  // What a release publishes of itself; `sha256sum -c` reads it. Its own SHA-256 is the one hash over all.
  if (sums) {
    const files = readdirSync(out).sort();
    const lines = files.map((one) => `${createHash("sha256").update(readFileSync(join(out, one))).digest("hex")}  ${one}\n`);
    writeFileSync(join(out, "SHA256SUMS"), lines.join(""));
  }
  if (process.env.COLLOQUE_SIZES) {
    const inputs = Object.entries(metafile.outputs).flatMap(([, o]) => Object.entries(o.inputs));
    inputs.sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput);
    for (const [path, { bytesInOutput }] of inputs.slice(0, 40)) console.log(bytesInOutput, path);
  }
}

const [, , patient, desk] = process.argv;
await bundle({
  name: "patient",
  out: patient ?? join(here, "../src/colloque/relay/page"),
  base: "/page/",
  title: "Colloque",
  sums: true,
  without: {
    fr: "Cette page a besoin de JavaScript pour chiffrer vos messages sur cet appareil.",
    en: "This page needs JavaScript, to encrypt your messages on this device.",
  },
});
await bundle({
  name: "desk",
  out: desk ?? join(here, "../src/colloque/desk/page"),
  base: "/",
  title: "Colloque",
  without: {
    fr: "Le poste a besoin de JavaScript ; rien n'est chargé d'ailleurs que de cet ordinateur.",
    en: "The desk needs JavaScript; nothing is loaded from anywhere but this computer.",
  },
});
