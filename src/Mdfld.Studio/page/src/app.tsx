import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { AdaptPage } from "./adapt";
import * as api from "./api";
import { DatasetPage } from "./datasets";
import { Editor } from "./editor";
import { Filmstrip, filters, sorted } from "./filmstrip";
import { mirrored, partOf, transformed } from "./geometry";
import { Help } from "./help";
import { FaceStore, type SaveState } from "./store";
import { type Action, type Reach, Tools } from "./tools";
import type { Face, Folder, Point, Summary } from "./types";
import { filesOf, isVideo } from "./upload";

type PageName = "pictures" | "datasets" | "adapt";

export function App() {
  const [folder, setFolder] = useState<Folder | null>(null);
  const [page, setPage] = useState<PageName>("pictures");
  const [model, setModel] = useState("");
  const [filter, setFilter] = useState("all pictures");
  const [style, setStyle] = useState("");
  const [byWorth, setByWorth] = useState(true);
  const [order, setOrder] = useState<string[]>([]);
  const [name, setName] = useState<string | null>(null);
  const [selected, setSelected] = useState<string | null>(null);
  const [points, setPoints] = useState<ReadonlySet<number>>(new Set());
  const [reach, setReach] = useState<Reach>("point");
  const [opacity, setOpacity] = useState(1);
  const [brightness, setBrightness] = useState(1);
  const [ellipses, setEllipses] = useState(false);
  const [boxMode, setBoxMode] = useState(false);
  const [zoomTo, setZoomTo] = useState({ face: false, count: 0 });
  const [help, setHelp] = useState(false);
  const [saved, setSaved] = useState<SaveState>({ text: "", isProblem: false });
  const [notice, setNotice] = useState<string | null>(null);
  const [finding, setFinding] = useState<{ done: number; total: number } | null>(null);
  const [, redraw] = useState(0);
  const stop = useRef(false);
  const shown = useRef<string | null>(null);
  const stores = useRef(new Map<string, FaceStore>());

  const tell = (e: unknown) => setNotice(e instanceof Error ? e.message : String(e));
  const summarised = (summary: Summary) =>
    setFolder((f) => f && { ...f, pictures: f.pictures.map((p) => (p.name === summary.name ? summary : p)) });
  const refresh = async () => {
    const fresh = await api.folder();
    setFolder(fresh);
    return fresh;
  };

  useEffect(() => {
    refresh().then((f) => {
      setModel(f.models[0]!);
      document.title = `${f.folder} – Mdfld studio`;
      if (f.refused > 0) tell(`${f.refused} pictures have names that the studio does not take (control characters, \\, : or no UTF-8)`);
    }, tell);
    const ask = (e: BeforeUnloadEvent) => {
      if ([...stores.current.values()].some((s) => s.isSaving)) e.preventDefault();
    };
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, []);

  // The strip is put in order when it is asked for, not while somebody works in it.
  const arrange = (f: Folder) => setOrder(sorted(f.pictures, filter, style, byWorth).map((p) => p.name));
  useEffect(() => {
    if (folder) arrange(folder);
  }, [folder === null, folder?.pictures.length, filter, style, byWorth]);
  const byName = useMemo(() => new Map(folder?.pictures.map((p) => [p.name, p])), [folder]);
  const strip = order.map((n) => byName.get(n)).filter((p): p is Summary => p !== undefined);

  const store = name === null ? null : stores.current.get(name) ?? null;
  const faces = store?.faces ?? [];
  const face = faces.find((f) => f.id === selected) ?? null;
  const scheme = folder?.scheme;

  const open = async (next: string) => {
    setName(next);
    setSelected(null);
    setPoints(new Set());
    setBoxMode(false);
    let opened = stores.current.get(next);
    if (!opened) {
      opened = new FaceStore(next, () => redraw((n) => n + 1), summarised, setSaved, setNotice);
      stores.current.set(next, opened);
    }
    const mine = opened;
    shown.current = next;
    try {
      // What another window did meanwhile counts, unless something of ours is still on its way.
      await mine.refresh(async () => (await api.faces(next)).faces);
      if (mine.faces.length === 0 && !byName.get(next)?.looked) await detect(mine);
      if (shown.current === next) setSelected((s) => s ?? mine.faces[0]?.id ?? null);
    } catch (e) {
      tell(e);
    }
  };
  useEffect(() => {
    if (name === null && strip.length > 0 && model) void open(strip[0]!.name);
  }, [strip.length > 0, model]);

  const detect = async (target: FaceStore) => {
    await target.settled();
    const { faces, summary } = await api.detect(target.name, model);
    target.load(faces);
    summarised(summary);
    // By then another picture may be open.
    if (shown.current === target.name) setSelected((s) => (faces.some((f) => f.id === s) ? s : faces[0]?.id ?? null));
  };

  const findAll = async () => {
    const todo = strip.filter((p) => !p.looked).map((p) => p.name);
    stop.current = false;
    setFinding({ done: 0, total: todo.length });
    let failed = 0;
    for (const [i, next] of todo.entries()) {
      if (stop.current) break;
      try {
        const { faces, summary } = await api.detect(next, model);
        stores.current.get(next)?.load(faces);
        summarised(summary);
      } catch {
        failed++;
      }
      setFinding({ done: i + 1, total: todo.length });
    }
    setFinding(null);
    if (failed > 0) tell(`${failed} pictures could not be read`);
    arrange(await refresh());
  };

  const step = (by: number) => {
    const at = strip.findIndex((p) => p.name === name);
    const next = strip[Math.min(Math.max(at + by, 0), strip.length - 1)];
    if (next && next.name !== name) void open(next.name);
  };

  const select = (id: string | null, point: number | null, whole: boolean) => {
    setSelected(id);
    const target = faces.find((f) => f.id === id);
    if (!target || point === null || !scheme) setPoints(new Set());
    else if (reach === "face") setPoints(new Set(target.points.keys()));
    else setPoints(new Set(reach === "part" || whole ? partOf(point, scheme.contours) : [point]));
  };

  const edit = (change: (face: Face) => Face) => {
    if (!face || !store) return;
    store.commit(face, { ...change(face), state: "Labelled" });
  };
  const shift = (by: Point, scale = 1, degrees = 0) =>
    points.size > 0 && edit((f) => ({ ...f, points: transformed(f.points, points, by, scale, degrees) }));

  const reachFor = (next: Reach) => {
    setReach(next);
    if (!face || !scheme) return;
    const first = [...points][0];
    if (next === "face") setPoints(new Set(face.points.keys()));
    else if (first !== undefined) setPoints(new Set(next === "part" ? partOf(first, scheme.contours) : [first]));
  };

  const act = (action: Action) => {
    switch (action) {
      case "undo": store?.undo(); break;
      case "redo": store?.redo(); break;
      case "accept": edit((f) => f); break;
      case "accept all":
        for (const f of faces.filter((f) => f.state === "Proposed")) store!.commit(f, { ...f, state: "Labelled" });
        step(1);
        break;
      case "hide": {
        const isHidden = face && [...points].every((i) => face.hidden.includes(i));
        if (face && points.size < face.points.length)
          edit((f) => ({ ...f, hidden: isHidden ? f.hidden.filter((i) => !points.has(i)) : [...new Set([...f.hidden, ...points])].sort((a, b) => a - b) }));
        break;
      }
      case "mirror": edit((f) => ({ ...f, points: mirrored(f.points, points, scheme!) })); break;
      case "detect": if (store) detect(store).catch(tell); break;
      case "box": setBoxMode(!boxMode); break;
      case "delete":
        if (face && store) {
          store.commit(face, null);
          select(null, null, false);
        }
        break;
      case "zoom": setZoomTo((z) => ({ face: true, count: z.count + 1 })); break;
      case "fit": setZoomTo((z) => ({ face: false, count: z.count + 1 })); break;
      case "help": setHelp(true); break;
    }
  };

  const box = async (corner: Point, size: Point) => {
    setBoxMode(false);
    if (!store || name === null) return;
    try {
      const { face: found } = await api.detectBox(name, model, corner, size);
      store.commit(null, { ...found, state: "Labelled" });
      select(found.id, null, false);
    } catch (e) {
      tell(e);
    }
  };

  const key = (e: KeyboardEvent) => {
    const target = e.target as HTMLElement;
    if (page !== "pictures" || help || target.closest("input[type=text], select, dialog")) return;
    if (target.closest("input") && e.key.startsWith("Arrow")) return;
    if (target.closest("button, a") && (e.key === "Enter" || e.key === " ")) return;
    const command = e.ctrlKey || e.metaKey;
    const distance = e.shiftKey ? 1 : 0.1;
    const doing = (() => {
      if (command) {
        if (e.key.toLowerCase() === "z") return () => act(e.shiftKey ? "redo" : "undo");
        return e.key.toLowerCase() === "y" ? () => act("redo") : null;
      }
      if (e.altKey) return null;
      // Caps Lock is no other key.
      switch (e.key.length === 1 ? e.key.toLowerCase() : e.key) {
        case "ArrowLeft": return () => shift([-distance, 0]);
        case "ArrowRight": return () => shift([distance, 0]);
        case "ArrowUp": return () => shift([0, -distance]);
        case "ArrowDown": return () => shift([0, distance]);
        case "[": return () => shift([0, 0], 1, -1);
        case "]": return () => shift([0, 0], 1, 1);
        case "-": return () => shift([0, 0], 1 / 1.01);
        case "+": case "=": return () => shift([0, 0], 1.01);
        case "1": return () => reachFor("point");
        case "2": return () => reachFor("part");
        case "3": return () => reachFor("face");
        case ".": case ",": return () => {
          if (!face) return;
          const at = [...points][0] ?? (e.key === "." ? -1 : 0);
          const count = face.points.length;
          select(face.id, (at + (e.key === "." ? 1 : count - 1)) % count, false);
        };
        case "j": case "PageDown": return () => step(1);
        case "k": case "PageUp": return () => step(-1);
        case "a": return () => act("accept");
        case "Enter": return () => act("accept all");
        case "h": return () => points.size > 0 && act("hide");
        case "m": return () => points.size > 0 && act("mirror");
        case "d": return () => act("detect");
        case "b": return () => act("box");
        case "f": return () => act("zoom");
        case "0": return () => act("fit");
        case "u": return () => setEllipses(!ellipses);
        case "o": return () => setOpacity(opacity > 0 ? 0 : 1);
        case "Delete": return () => act("delete");
        case "Escape": return () => { setBoxMode(false); setPoints(new Set()); };
        case "?": return () => act("help");
        default: return null;
      }
    })();
    if (!doing) return;
    e.preventDefault();
    doing();
  };
  // Of the newest state: keys may follow each other faster than the page is painted.
  const newest = useRef(key);
  newest.current = key;
  useEffect(() => {
    const down = (e: KeyboardEvent) => newest.current(e);
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);

  const add = async (files: { name: string; file: File }[]) => {
    let first: string | null = null;
    for (const [i, { name, file }] of files.entries()) {
      setSaved({ text: `Adding ${i + 1} of ${files.length} …`, isProblem: false });
      try {
        const added = isVideo(name) ? (await api.uploadVideo(name, file)).names[0] : (await api.upload(name, file)).name;
        first ??= added ?? null;
      } catch (e) {
        tell(e);
      }
    }
    setSaved({ text: "", isProblem: false });
    await refresh();
    if (first) void open(first);
  };
  useEffect(() => {
    const over = (e: DragEvent) => e.preventDefault();
    const drop = (e: DragEvent) => {
      e.preventDefault();
      if (e.dataTransfer) void filesOf(e.dataTransfer).then(add).catch(tell);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  });

  if (!folder || !scheme) return <main class="waiting">{notice ?? "Opening the folder …"}</main>;
  const styles = [...new Set(folder.pictures.map((p) => p.style).filter((s): s is string => s !== null))].sort();
  const tab = (to: PageName, label: string) => (
    <button type="button" aria-current={page === to ? "page" : undefined} onClick={() => setPage(to)}>{label}</button>
  );

  return (
    <>
      <header>
        <h1 title={folder.path}>{folder.folder}</h1>
        <nav aria-label="Pages">{tab("pictures", "Pictures")}{tab("datasets", "Labelled faces")}{tab("adapt", "Adapt")}</nav>
        <label>
          Model{" "}
          <select value={model} onChange={(e) => setModel(e.currentTarget.value)}>
            {folder.models.map((m) => <option key={m}>{m}</option>)}
          </select>
        </label>
        <span class={`saved${saved.isProblem ? " problem" : ""}`} role="status" data-testid="saved">{saved.text}</span>
        <button type="button" onClick={() => setHelp(true)}>Keys <kbd aria-hidden="true">?</kbd></button>
      </header>
      {(notice ?? folder.problem) && (
        <p class="notice" role="alert">
          {notice ?? folder.problem} {notice && <button type="button" onClick={() => setNotice(null)}>Dismiss</button>}
        </p>
      )}
      {page === "pictures" && (
        <main class="pictures">
          <section class="strip" aria-label="Folder">
            <div class="row">
              <label>
                Show{" "}
                <select value={filter} onChange={(e) => setFilter(e.currentTarget.value)}>
                  {Object.keys(filters).map((f) => <option key={f}>{f}</option>)}
                </select>
              </label>
              {styles.length > 0 && (
                <label>
                  Style{" "}
                  <select value={style} onChange={(e) => setStyle(e.currentTarget.value)}>
                    <option value="">all styles</option>
                    {styles.map((s) => <option key={s}>{s}</option>)}
                  </select>
                </label>
              )}
              <label class="choice">
                <input type="checkbox" checked={byWorth} onChange={(e) => setByWorth(e.currentTarget.checked)} /> worst first
              </label>
            </div>
            <div class="row">
              {finding
                ? <button type="button" onClick={() => (stop.current = true)}>Stop ({finding.done} of {finding.total})</button>
                : <button type="button" onClick={() => void findAll()} disabled={!strip.some((p) => !p.looked)}>Find all faces</button>}
              <label class="button">
                Add files
                <input
                  type="file" multiple accept="image/*,video/*" class="outside"
                  onChange={(e) => add([...(e.currentTarget.files ?? [])].map((file) => ({ name: file.name, file }))).catch(tell)}
                />
              </label>
              <span data-testid="count">{strip.length} of {folder.pictures.length}</span>
            </div>
            <Filmstrip pictures={strip} current={name} onOpen={(n) => void open(n)} />
          </section>
          {name !== null && store ? (
            <Editor
              name={name} faces={faces} scheme={scheme} selected={selected} points={points} opacity={opacity}
              brightness={brightness} ellipses={ellipses} boxMode={boxMode} zoomTo={zoomTo} onSelect={select}
              onPreview={(f) => store.preview(f)} onCommit={(a, b) => store.commit(a, b)} onBox={(c, s) => void box(c, s)}
            />
          ) : <p class="stage empty">Drop pictures here, a folder or a video.</p>}
          <Tools
            face={face} faces={faces} scheme={scheme} chosen={points} reach={reach} opacity={opacity} brightness={brightness}
            ellipses={ellipses} boxMode={boxMode} canUndo={store?.canUndo ?? false} canRedo={store?.canRedo ?? false}
            styles={styles} onReach={reachFor} onOpacity={setOpacity} onBrightness={setBrightness} onEllipses={setEllipses}
            onFace={(id) => select(id, null, false)} onStyle={(s) => edit((f) => ({ ...f, style: s === "" ? null : s }))}
            act={act}
          />
        </main>
      )}
      {page === "datasets" && <main><DatasetPage model={model} /></main>}
      {page === "adapt" && (
        <main>
          <AdaptPage folder={folder} model={model} onModel={setModel} onRefresh={() => void refresh()} />
        </main>
      )}
      {help && <Help onClose={() => setHelp(false)} />}
    </>
  );
}
