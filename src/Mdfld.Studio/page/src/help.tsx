import { useEffect, useRef } from "preact/hooks";

const keys: [string, string][] = [
  ["J, K or Page Down, Page Up", "next, previous picture"],
  ["1, 2, 3", "a click takes a point, a part, the face"],
  [". and ,", "next, previous point"],
  ["arrows", "move by 0.1 pixel; with Shift by 1"],
  ["[ and ]", "turn by 1°"],
  ["− and +", "smaller, larger by 1 %"],
  ["M", "give the other side the same shape, mirrored"],
  ["H", "mark as hidden: not a label"],
  ["A", "accept the face as it is"],
  ["Enter", "accept all faces, next picture"],
  ["D", "detect again; what was corrected stays"],
  ["B", "draw a box: a face is detected in it"],
  ["Delete", "delete the face"],
  ["F, 0", "zoom to the face, show the whole picture"],
  ["U, O", "uncertainty ellipses, points on and off"],
  ["Ctrl+Z, Ctrl+Y", "undo, redo"],
  ["wheel, drag", "zoom, move the picture"],
];

/** The keys. */
export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current!.showModal(), []);
  return (
    <dialog ref={dialog} onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keys</h2>
      <table>
        <tbody>
          {keys.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">{key}</th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <button type="button" onClick={() => dialog.current!.close()}>Close</button>
    </dialog>
  );
}
