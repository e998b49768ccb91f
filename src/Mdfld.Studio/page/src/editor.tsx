import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { address } from "./api";
import { boxOf, curve, ellipse, transformed } from "./geometry";
import type { Face, Point, Scheme } from "./types";

/** What a drag of the pointer does. */
type Gesture =
  | { kind: "pan"; x: number; y: number }
  | { kind: "move" | "scale" | "rotate"; face: Face; from: Point; pivot: Point; latest: Face | null }
  | { kind: "box"; from: Point; to: Point };

interface View {
  scale: number;
  x: number;
  y: number;
}

export interface EditorProps {
  name: string;
  faces: Face[];
  scheme: Scheme;
  selected: string | null;
  points: ReadonlySet<number>;
  opacity: number;
  brightness: number;
  ellipses: boolean;
  boxMode: boolean;
  /** Grows when the view is to show the selected face, or (negative) the whole picture. */
  zoomTo: { face: boolean; count: number };
  onSelect: (face: string | null, point: number | null, whole: boolean) => void;
  onPreview: (face: Face) => void;
  onCommit: (before: Face, after: Face) => void;
  onBox: (corner: Point, size: Point) => void;
}

/** The picture with the points and contours of its faces, to look at and drag. */
export function Editor(props: EditorProps) {
  const stage = useRef<HTMLDivElement>(null);
  // With its name: the picture before may be what was loaded.
  const [loaded, setLoaded] = useState<{ name: string; size: Point } | null>(null);
  const size = loaded?.name === props.name ? loaded.size : null;
  const [area, setArea] = useState<Point>([1, 1]);
  const [view, setView] = useState<View>({ scale: 1, x: 0, y: 0 });
  const [gesture, setGesture] = useState<Gesture | null>(null);
  const selected = props.faces.find((f) => f.id === props.selected) ?? null;

  useLayoutEffect(() => {
    const watch = new ResizeObserver(([entry]) => setArea([entry!.contentRect.width, entry!.contentRect.height]));
    watch.observe(stage.current!);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    if (size) setView(fit({ left: 0, top: 0, width: size[0], height: size[1] }, area, 0.98));
  }, [loaded, props.name, area[0], area[1]]);
  useEffect(() => {
    if (!size || props.zoomTo.count === 0) return;
    setView(props.zoomTo.face && selected
      ? fit(boxOf(selected.points), area, 0.75)
      : fit({ left: 0, top: 0, width: size[0], height: size[1] }, area, 0.98));
  }, [props.zoomTo.count]);

  const place = (event: MouseEvent): Point => {
    const bounds = stage.current!.getBoundingClientRect();
    return [(event.clientX - bounds.left - view.x) / view.scale, (event.clientY - bounds.top - view.y) / view.scale];
  };

  const zoom = (event: WheelEvent) => {
    event.preventDefault();
    const bounds = stage.current!.getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    setView((v) => {
      const scale = Math.min(80, Math.max(0.02, v.scale * Math.exp(-event.deltaY / 400)));
      const k = scale / v.scale;
      return { scale, x: x - k * (x - v.x), y: y - k * (y - v.y) };
    });
  };
  // Preact listens passively, which could not stop the page from scrolling.
  useEffect(() => {
    const element = stage.current!;
    element.addEventListener("wheel", zoom, { passive: false });
    return () => element.removeEventListener("wheel", zoom);
  });

  const begin = (event: PointerEvent, next: Gesture) => {
    stage.current!.setPointerCapture(event.pointerId);
    setGesture(next);
  };

  const down = (event: PointerEvent) => {
    if (event.button > 1) return;
    const from = place(event);
    if (props.boxMode) begin(event, { kind: "box", from, to: from });
    else begin(event, { kind: "pan", x: event.clientX - view.x, y: event.clientY - view.y });
  };

  const downOnPoint = (event: PointerEvent, face: Face, point: number) => {
    if (event.button !== 0 || props.boxMode) return;
    event.stopPropagation();
    if (props.selected !== face.id || !props.points.has(point)) props.onSelect(face.id, point, event.detail > 1);
    begin(event, { kind: "move", face, from: place(event), pivot: [0, 0], latest: null });
  };

  const downOnHandle = (event: PointerEvent, kind: "scale" | "rotate", pivot: Point) => {
    event.stopPropagation();
    begin(event, { kind, face: selected!, from: place(event), pivot, latest: null });
  };

  const move = (event: PointerEvent) => {
    if (!gesture) return;
    if (gesture.kind === "pan") {
      setView({ ...view, x: event.clientX - gesture.x, y: event.clientY - gesture.y });
      return;
    }
    const at = place(event);
    if (gesture.kind === "box") {
      setGesture({ ...gesture, to: at });
      return;
    }
    const { face, from, pivot } = gesture;
    let points: Point[];
    if (gesture.kind === "move") {
      points = transformed(face.points, props.points, [at[0] - from[0], at[1] - from[1]]);
    } else {
      const [a, b] = [[from[0] - pivot[0], from[1] - pivot[1]], [at[0] - pivot[0], at[1] - pivot[1]]] as [Point, Point];
      points = gesture.kind === "scale"
        ? transformed(face.points, props.points, [0, 0], Math.max(0.05, Math.hypot(...b) / Math.max(1e-3, Math.hypot(...a))), 0, pivot)
        : transformed(face.points, props.points, [0, 0], 1, ((Math.atan2(b[1], b[0]) - Math.atan2(a[1], a[0])) * 180) / Math.PI, pivot);
    }
    const latest: Face = { ...face, points, state: "Labelled" };
    gesture.latest = latest;
    props.onPreview(latest);
  };

  const up = () => {
    if (gesture?.kind === "box") {
      const box = boxOf([gesture.from, gesture.to]);
      if (box.width > 4 && box.height > 4) props.onBox([box.left, box.top], [box.width, box.height]);
    } else if (gesture && gesture.kind !== "pan" && gesture.latest) {
      props.onCommit(gesture.face, gesture.latest);
    }
    setGesture(null);
  };

  const cancel = () => {
    if (gesture && (gesture.kind === "move" || gesture.kind === "scale" || gesture.kind === "rotate")) props.onPreview(gesture.face);
    setGesture(null);
  };

  return (
    <div
      ref={stage}
      class={`stage${props.boxMode ? " boxing" : ""}`}
      role="application"
      aria-label={`${props.name}, ${props.faces.length} faces; ? shows the keys`}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={cancel}
    >
      <img
        key={props.name}
        src={address("picture", { name: props.name })}
        alt=""
        draggable={false}
        // The picture before may arrive later than the one that took its place.
        onLoad={(e) => e.currentTarget.isConnected && setLoaded({ name: props.name, size: [e.currentTarget.naturalWidth, e.currentTarget.naturalHeight] })}
        style={{
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale}) translate(-0.5px, -0.5px)`,
          filter: `brightness(${props.brightness})`,
          imageRendering: view.scale > 5 ? "pixelated" : "auto",
          visibility: size ? "visible" : "hidden",
        }}
      />
      <svg aria-hidden="true" data-testid="overlay">
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`} opacity={props.opacity}>
          {props.faces.map((face) => (
            <FaceShape
              key={face.id}
              face={face}
              scheme={props.scheme}
              isSelected={face.id === props.selected}
              chosen={face.id === props.selected ? props.points : noPoints}
              ellipses={props.ellipses}
              scale={view.scale}
              onDown={downOnPoint}
            />
          ))}
          {selected && props.points.size > 1 && (
            <Handles face={selected} chosen={props.points} scale={view.scale} onDown={downOnHandle} />
          )}
          {gesture?.kind === "box" && <BoxShape from={gesture.from} to={gesture.to} />}
        </g>
      </svg>
    </div>
  );
}

const noPoints: ReadonlySet<number> = new Set();

function fit(box: { left: number; top: number; width: number; height: number }, area: Point, share: number): View {
  const scale = Math.min((share * area[0]) / Math.max(1, box.width), (share * area[1]) / Math.max(1, box.height), 40);
  return {
    scale,
    x: area[0] / 2 - scale * (box.left + box.width / 2),
    y: area[1] / 2 - scale * (box.top + box.height / 2),
  };
}

interface FaceShapeProps {
  face: Face;
  scheme: Scheme;
  isSelected: boolean;
  chosen: ReadonlySet<number>;
  ellipses: boolean;
  scale: number;
  onDown: (event: PointerEvent, face: Face, point: number) => void;
}

function FaceShape({ face, scheme, isSelected, chosen, ellipses, scale, onDown }: FaceShapeProps) {
  const hidden = new Set(face.hidden);
  const kind = face.state === "Labelled" ? "labelled" : "proposed";
  return (
    <g class={`face ${kind}${isSelected ? " selected" : ""}`} data-face={face.id}>
      {scheme.contours.map((c) => (
        <path key={c.name} class="contour" d={curve(c.indices.map((i) => face.points[i]!), c.closed)} />
      ))}
      {ellipses && face.uncertainty?.map((u, i) => {
        const { rx, ry, degrees } = ellipse(u);
        const [x, y] = face.points[i]!;
        return <ellipse key={i} class="doubt" rx={rx} ry={ry} transform={`translate(${x} ${y}) rotate(${degrees})`} />;
      })}
      {face.points.map(([x, y], i) => (
        <g key={i} transform={`translate(${x} ${y}) scale(${1 / scale})`} onPointerDown={(e) => onDown(e, face, i)} data-point={i}>
          <circle class="reach" r={9} />
          <circle class={`point${chosen.has(i) ? " chosen" : ""}${hidden.has(i) ? " hidden" : ""}`} r={isSelected ? 3.5 : 2.2} />
        </g>
      ))}
    </g>
  );
}

interface HandlesProps {
  face: Face;
  chosen: ReadonlySet<number>;
  scale: number;
  onDown: (event: PointerEvent, kind: "scale" | "rotate", pivot: Point) => void;
}

/** A frame round the chosen points: its corners scale, the knob above turns. */
function Handles({ face, chosen, scale, onDown }: HandlesProps) {
  const box = boxOf(face.points.filter((_, i) => chosen.has(i)));
  const gap = 14 / scale;
  const [left, top] = [box.left - gap, box.top - gap];
  const [width, height] = [box.width + 2 * gap, box.height + 2 * gap];
  const centre: Point = [left + width / 2, top + height / 2];
  const corners: Point[] = [[left, top], [left + width, top], [left + width, top + height], [left, top + height]];
  const side = 9 / scale;
  return (
    <g class="handles">
      <rect class="frame" x={left} y={top} width={width} height={height} />
      {corners.map(([x, y], i) => (
        <rect
          key={i} class="corner" x={x - side / 2} y={y - side / 2} width={side} height={side}
          onPointerDown={(e) => onDown(e, "scale", centre)}
        />
      ))}
      <line class="frame" x1={centre[0]} y1={top} x2={centre[0]} y2={top - 2 * gap} />
      <circle class="knob" cx={centre[0]} cy={top - 2 * gap} r={side / 1.6} onPointerDown={(e) => onDown(e, "rotate", centre)} />
    </g>
  );
}

function BoxShape({ from, to }: { from: Point; to: Point }) {
  const box = boxOf([from, to]);
  return <rect class="new-box" x={box.left} y={box.top} width={box.width} height={box.height} />;
}
