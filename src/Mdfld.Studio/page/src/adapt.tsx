import { useEffect, useState } from "preact/hooks";
import * as api from "./api";
import type { AdaptStatus, Folder } from "./types";

interface Props {
  folder: Folder;
  model: string;
  onModel: (model: string) => void;
  onRefresh: () => void;
}

/** A model that learns from the corrected faces: what it needs, how far it is, what became better. */
export function AdaptPage({ folder, model, onModel, onRefresh }: Props) {
  const [status, setStatus] = useState<AdaptStatus | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const labelled = folder.pictures.reduce((sum, p) => sum + p.labelled, 0);
  const isRunning = status?.state === "running";

  const ask = (answer: Promise<AdaptStatus>) =>
    answer.then(
      (s) => {
        setStatus((old) => {
          if (old?.state === "running" && s.state === "done") onRefresh();
          return s;
        });
        setProblem(null);
      },
      (e: Error) => setProblem(e.message),
    );
  useEffect(() => {
    void ask(api.adaptStatus());
  }, []);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => void ask(api.adaptStatus()), 1000);
    return () => clearInterval(timer);
  }, [isRunning]);

  return (
    <section class="page adapt" aria-labelledby="adapt-title">
      <h2 id="adapt-title">Adapt the model to these faces</h2>
      <p>
        {labelled} corrected faces, {folder.adapt.least} are needed. A fifth of them is kept aside to measure on; the others teach
        the default model beside faces that it finds already, in some minutes.
      </p>
      {folder.adapt.problem && <p class="problem" role="alert">{folder.adapt.problem}</p>}
      {problem && <p class="problem" role="alert">{problem}</p>}
      <div class="row">
        <button
          type="button" class="main" disabled={isRunning || labelled < folder.adapt.least || folder.adapt.problem !== null}
          onClick={() => void ask(api.adapt())}
        >
          Adapt
        </button>
        {isRunning && <button type="button" onClick={() => void ask(api.stopAdapting())}>Stop</button>}
      </div>
      {status && status.state !== "idle" && (
        <div aria-live="polite" data-testid="adapt-state" data-state={status.state}>
          <progress max={Math.max(1, status.steps)} value={status.step} aria-label="Progress" />
          <p>{words(status)}</p>
          <Curve points={status.curve} />
          {status.errors.length > 0 && (
            <table>
              <caption>Mean error, % of the eyes' distance, on faces that nothing was learnt from</caption>
              <thead>
                <tr><th scope="col">Faces</th><th scope="col">Before</th><th scope="col">After</th><th scope="col">Change</th></tr>
              </thead>
              <tbody>
                {status.errors.map((e) => (
                  <tr key={e.name}>
                    <th scope="row">{e.name} ({e.faces})</th>
                    <td>{e.before.toFixed(2)}</td>
                    <td>{e.after.toFixed(2)}</td>
                    <td>{(100 * (e.after / e.before - 1)).toFixed(0)} %</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {status.state === "done" && status.model && (
            <button type="button" class="main" disabled={model === status.model} onClick={() => onModel(status.model!)}>
              {model === status.model ? `${status.model} is in use` : `Use ${status.model}`}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

function words(s: AdaptStatus): string {
  switch (s.state) {
    case "running":
      return s.step === 0 ? "Reading the faces …"
        : `Step ${s.step} of ${s.steps}, loss ${s.loss.toFixed(2)}, ${s.facesPerSecond.toFixed(0)} faces/s, `
          + `${Math.ceil(s.secondsLeft)} s left`;
    case "done":
      return `Done: ${s.model}, learnt from ${s.learnt} faces.`;
    case "stopped":
      return "Stopped; nothing was changed.";
    default:
      return `Failed: ${s.error}`;
  }
}

/** The error on the faces kept aside, validation by validation. */
function Curve({ points }: { points: [number, number][] }) {
  if (points.length < 2) return null;
  const [width, height] = [320, 90];
  const [last, top] = [points[points.length - 1]![0], Math.max(...points.map((p) => p[1]))];
  const line = points.map(([step, error]) => `${(step / last) * width},${height - (error / top) * (height - 8)}`).join(" ");
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} class="curve" role="img" aria-label="Error by step">
        <polyline points={line} />
      </svg>
      <figcaption>Error on the faces kept aside: {points[points.length - 1]![1].toFixed(2)} %</figcaption>
    </figure>
  );
}
