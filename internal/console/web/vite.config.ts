import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.ANTEROOM_URL ?? "http://127.0.0.1:8080";

// The build goes where the Go package embeds it; the development server sends
// what is not the console's own to a running Anteroom.
export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../dist",
    emptyOutDir: true,
    target: "es2022",
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { "^/(anteroom\\.|auth/)": { target: server } } },
});
