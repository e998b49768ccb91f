import { defineConfig } from "vite";

// Every address of the page is relative: it is served below a token that is new each time.
export default defineConfig({
  base: "./",
  build: { outDir: "dist", target: "es2022", assetsInlineLimit: 0 },
});
