import type { Face, Scheme } from "./types";

export type Reach = "point" | "part" | "face";

export interface ToolsProps {
  face: Face | null;
  faces: Face[];
  scheme: Scheme;
  chosen: ReadonlySet<number>;
  reach: Reach;
  opacity: number;
  brightness: number;
  ellipses: boolean;
  boxMode: boolean;
  canUndo: boolean;
  canRedo: boolean;
  styles: string[];
  onReach: (reach: Reach) => void;
  onOpacity: (value: number) => void;
  onBrightness: (value: number) => void;
  onEllipses: (on: boolean) => void;
  onFace: (id: string) => void;
  onStyle: (style: string) => void;
  act: (action: Action) => void;
}

export type Action =
  | "undo" | "redo" | "accept" | "accept all" | "delete" | "detect" | "box" | "hide" | "mirror" | "zoom" | "fit" | "help";

/** Everything the keys do, as buttons; and what is known of the face. */
export function Tools(props: ToolsProps) {
  const { face, act } = props;
  const button = (action: Action, label: string, key: string, enabled = true, pressed?: boolean) => (
    <button type="button" disabled={!enabled} aria-pressed={pressed} onClick={() => act(action)} aria-keyshortcuts={key}>
      {label} <kbd aria-hidden="true">{key}</kbd>
    </button>
  );
  return (
    <section class="tools" aria-label="Tools">
      <div class="row">
        {button("undo", "Undo", "Ctrl+Z", props.canUndo)}
        {button("redo", "Redo", "Ctrl+Y", props.canRedo)}
      </div>
      <fieldset>
        <legend>A click takes</legend>
        <div class="row">
          {(["point", "part", "face"] as const).map((reach, i) => (
            <label key={reach} class="choice">
              <input type="radio" name="reach" checked={props.reach === reach} onChange={() => props.onReach(reach)} />
              {reach} <kbd aria-hidden="true">{i + 1}</kbd>
            </label>
          ))}
        </div>
      </fieldset>
      <div class="row">
        {button("accept", "Accept", "A", face !== null)}
        {button("accept all", "Accept all, next", "Enter", props.faces.length > 0)}
        {button("hide", "Hidden", "H", props.chosen.size > 0, face !== null && props.chosen.size > 0 && [...props.chosen].every((i) => face.hidden.includes(i)))}
        {button("mirror", "Mirror", "M", props.chosen.size > 0)}
        {button("detect", "Detect again", "D")}
        {button("box", "Face in a box", "B", true, props.boxMode)}
        {button("delete", "Delete face", "Del", face !== null)}
        {button("zoom", "Zoom to face", "F", face !== null)}
        {button("fit", "Whole picture", "0")}
      </div>
      <label class="slider">
        Points' opacity
        <input type="range" min="0" max="1" step="0.05" value={props.opacity} onInput={(e) => props.onOpacity(Number(e.currentTarget.value))} />
      </label>
      <label class="slider">
        Picture's brightness
        <input type="range" min="0.3" max="3" step="0.05" value={props.brightness} onInput={(e) => props.onBrightness(Number(e.currentTarget.value))} />
      </label>
      <label class="choice">
        <input type="checkbox" checked={props.ellipses} onChange={(e) => props.onEllipses(e.currentTarget.checked)} />
        Uncertainty ellipses (95 %) <kbd aria-hidden="true">U</kbd>
      </label>
      {props.faces.length > 1 && (
        <div class="row" role="group" aria-label="Faces">
          {props.faces.map((f, i) => (
            <button type="button" key={f.id} aria-pressed={f.id === face?.id} onClick={() => props.onFace(f.id)}>
              Face {i + 1}
            </button>
          ))}
        </div>
      )}
      {face && (
        <>
          <label class="slider">
            Style
            <input
              type="text" list="styles" value={face.style ?? ""} maxLength={100} placeholder="such as oil"
              onChange={(e) => props.onStyle(e.currentTarget.value.trim())}
            />
            <datalist id="styles">{props.styles.map((s) => <option key={s} value={s} />)}</datalist>
          </label>
          <dl class="facts">
            <dt>State</dt>
            <dd data-testid="state">{face.state === "Labelled" ? "corrected" : "found by the model"}</dd>
            {face.confidence != null && (
              <>
                <dt>Confidence</dt>
                <dd>{face.confidence.toFixed(2)}</dd>
              </>
            )}
            <dt>Error to expect</dt>
            <dd>{face.state === "Labelled" ? "none" : `${face.expectedError.toFixed(1)} % of the eyes' distance`}</dd>
            <dt>Hidden points</dt>
            <dd data-testid="hidden">{face.hidden.length}</dd>
            {props.chosen.size === 1 && (
              <>
                <dt>Point {[...props.chosen][0]}</dt>
                <dd data-testid="place">{face.points[[...props.chosen][0]!]!.map((v) => v.toFixed(1)).join(", ")}</dd>
              </>
            )}
          </dl>
        </>
      )}
    </section>
  );
}
