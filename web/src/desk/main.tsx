import { render } from "preact";

import "../ui/style.css";
import "../call/call.css";
import "./desk.css";
import { App } from "./App.tsx";

const root = document.getElementById("root");
if (root !== null) render(<App />, root);
