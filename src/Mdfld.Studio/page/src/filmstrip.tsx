import { useEffect, useRef } from "preact/hooks";
import { address } from "./api";
import type { Summary } from "./types";

/** Confidence below which a face is doubtful. */
const doubtful = 0.5;

export const filters: Record<string, (picture: Summary) => boolean> = {
  "all pictures": () => true,
  "to correct": (p) => p.faces > p.labelled,
  "no face": (p) => p.looked && p.faces === 0,
  "low confidence": (p) => p.confidence !== null && p.confidence < doubtful,
  corrected: (p) => p.labelled > 0 && p.faces === p.labelled,
  "not searched": (p) => !p.looked,
};

/** Those of a filter and style; the largest expected error first, then pictures without a face, corrected ones last. */
export function sorted(pictures: Summary[], filter: string, style: string, byWorth: boolean): Summary[] {
  const kept = pictures.filter((p) => (filters[filter] ?? filters["all pictures"])!(p) && (style === "" || p.style === style));
  if (!byWorth) return kept;
  const worth = (p: Summary) => (p.faces > p.labelled ? p.error + 2 : p.looked && p.faces === 0 ? 1 : p.looked ? 0 : 0.5);
  return kept.map((p, i) => [p, i] as const).sort(([a, i], [b, j]) => worth(b) - worth(a) || i - j).map(([p]) => p);
}

interface Props {
  pictures: Summary[];
  current: string | null;
  onOpen: (name: string) => void;
}

/** The pictures, a button each. */
export function Filmstrip({ pictures, current, onOpen }: Props) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current]);
  return (
    <ul class="filmstrip" ref={list} aria-label="Pictures">
      {pictures.map((p) => (
        <li key={p.name}>
          <button type="button" aria-current={p.name === current ? "true" : undefined} onClick={() => onOpen(p.name)} title={p.name}>
            <img src={address("thumbnail", { name: p.name, size: 128 })} alt="" loading="lazy" />
            <span class="name">{p.name}</span>
            <span class={`badge ${stateOf(p)}`}>{words(p)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function stateOf(p: Summary): string {
  if (!p.looked) return "unseen";
  if (p.faces === 0) return "none";
  if (p.faces === p.labelled) return "corrected";
  return p.confidence !== null && p.confidence < doubtful ? "doubtful" : "found";
}

function words(p: Summary): string {
  switch (stateOf(p)) {
    case "unseen":
      return "not searched";
    case "none":
      return "no face";
    case "corrected":
      return p.labelled === 1 ? "corrected" : `${p.labelled} corrected`;
    default:
      return `error ${p.error.toFixed(1)} %`;
  }
}
