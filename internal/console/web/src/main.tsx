import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { IdentityProvider } from "./api/identity";
import { tokenInAddress } from "./api/token";
import { App } from "./App";
import "./styles/index.css";

// The link with a token may be opened in a tab that shows the console already.
addEventListener("hashchange", () => {
  if (tokenInAddress()) location.reload();
});

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <IdentityProvider>
        <App />
      </IdentityProvider>
    </StrictMode>,
  );
}
