import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "./api";

interface LabelledFace {
  picture: string;
  style: string | null;
}

const shown = 120;
const chunk = 10;
const worst = 24;

/** Folders of labelled faces: sheets, and a model's errors on them. */
export function DatasetPage({ model }: { model: string }) {
  const [folders, setFolders] = useState<string[] | null>(null);
  const [folder, setFolder] = useState("");
  const [faces, setFaces] = useState<LabelledFace[]>([]);
  const [style, setStyle] = useState("");
  const [from, setFrom] = useState(0);
  const [errors, setErrors] = useState<(number | null)[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [isMeasuring, setMeasuring] = useState(false);
  const run = useRef(0);

  useEffect(() => {
    api.datasets().then(({ folders }) => {
      setFolders(folders);
      if (folders.length > 0) setFolder(folders[0]!);
    }, (e: Error) => setProblem(e.message));
  }, []);
  useEffect(() => {
    const mine = ++run.current;
    setMeasuring(false);
    setErrors([]);
    setFaces([]);
    setFrom(0);
    setStyle("");
    setProblem(null);
    if (!folder) return;
    api.dataset(folder).then(
      (d) => run.current === mine && setFaces(d.faces),
      (e: Error) => run.current === mine && setProblem(e.message),
    );
  }, [folder, model]);

  const measure = async () => {
    const mine = ++run.current;
    setMeasuring(true);
    const all: (number | null)[] = [];
    try {
      while (all.length < faces.length && run.current === mine) {
        const { errors } = await api.measure(folder, model, all.length, chunk);
        if (errors.length === 0) break;
        all.push(...errors);
        if (run.current === mine) setErrors([...all]);
      }
    } catch (e) {
      setProblem((e as Error).message);
    }
    if (run.current === mine) setMeasuring(false);
  };

  const styles = [...new Set(faces.map((f) => f.style).filter((s): s is string => s !== null))].sort();
  const kept = faces.map((face, index) => ({ face, index })).filter(({ face }) => style === "" || face.style === style);
  const known = kept.map(({ face, index }) => ({ face, index, error: errors[index] ?? null }))
    .filter((f): f is { face: LabelledFace; index: number; error: number } => f.error !== null);
  const cell = (index: number, face: LabelledFace, error?: number) => (
    <li key={index}>
      <figure>
        <img src={api.address("dataset/face", { folder, index, size: 160 })} alt={`Face ${index} of ${face.picture} with its points`} loading="lazy" />
        <figcaption>{error === undefined ? face.style ?? face.picture : `${error.toFixed(1)} %, ${face.picture}`}</figcaption>
      </figure>
    </li>
  );

  return (
    <section class="page" aria-labelledby="dataset-title">
      <h2 id="dataset-title">Labelled faces</h2>
      {problem && <p class="problem" role="alert">{problem}</p>}
      {folders?.length === 0 && <p>No folder with labelled faces (annotations.tsv) here: correct or accept a face first.</p>}
      {folders && folders.length > 0 && (
        <>
          <div class="row">
            <label>
              Folder{" "}
              <select value={folder} onChange={(e) => setFolder(e.currentTarget.value)}>
                {folders.map((f) => <option key={f} value={f}>{f === "." ? "this folder" : f}</option>)}
              </select>
            </label>
            {styles.length > 0 && (
              <label>
                Style{" "}
                <select value={style} onChange={(e) => { setStyle(e.currentTarget.value); setFrom(0); }}>
                  <option value="">all styles</option>
                  {styles.map((s) => <option key={s}>{s}</option>)}
                </select>
              </label>
            )}
            <button type="button" class="main" disabled={isMeasuring || faces.length === 0} onClick={() => void measure()}>
              Measure {model} on it
            </button>
          </div>
          {errors.length > 0 && <Histogram errors={known.map((f) => f.error)} done={errors.length} total={faces.length} />}
          {known.length > 0 && (
            <>
              <h3>Worst faces</h3>
              <ul class="sheet">
                {[...known].sort((a, b) => b.error - a.error).slice(0, worst).map((f) => cell(f.index, f.face, f.error))}
              </ul>
            </>
          )}
          <h3>{kept.length} faces</h3>
          <ul class="sheet">{kept.slice(from, from + shown).map(({ index, face }) => cell(index, face))}</ul>
          {kept.length > shown && (
            <div class="row">
              <button type="button" disabled={from === 0} onClick={() => setFrom(from - shown)}>Previous</button>
              <span>{from + 1} to {Math.min(from + shown, kept.length)}</span>
              <button type="button" disabled={from + shown >= kept.length} onClick={() => setFrom(from + shown)}>Next</button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

const bins = 20;

/** How many faces have which error: a bar a percent, the last one all beyond. */
function Histogram({ errors, done, total }: { errors: number[]; done: number; total: number }) {
  const counts = new Array<number>(bins + 1).fill(0);
  for (const e of errors) counts[Math.min(bins, Math.floor(e))]!++;
  const most = Math.max(1, ...counts);
  const mean = errors.reduce((a, b) => a + b, 0) / Math.max(1, errors.length);
  const failures = errors.filter((e) => e > 10).length;
  const words = `NME ${mean.toFixed(2)} %, FR@10 ${((100 * failures) / Math.max(1, errors.length)).toFixed(1)} %, `
    + `${errors.length} faces${done < total ? `; ${done} of ${total} measured` : ""}`;
  return (
    <figure class="histogram">
      <svg viewBox="0 0 440 120" role="img" aria-label={`Error histogram: ${words}`}>
        {counts.map((count, i) => (
          <rect key={i} x={i * 20 + 1} width={18} y={100 - (96 * count) / most} height={(96 * count) / most}>
            <title>{`${i === bins ? `over ${bins}` : `${i} to ${i + 1}`} %: ${count}`}</title>
          </rect>
        ))}
        {[0, 5, 10, 15, 20].map((v) => <text key={v} x={v * 20} y={115}>{v === 20 ? "20+ %" : v}</text>)}
      </svg>
      <figcaption data-testid="histogram">{words}</figcaption>
    </figure>
  );
}
