/** A point, pixels of the upright picture: x right, y down, centre of the top-left pixel at (0, 0). */
export type Point = [number, number];

export interface Contour {
  name: string;
  indices: number[];
  closed: boolean;
}

export interface Scheme {
  count: number;
  contours: Contour[];
  groups: { name: string; indices: number[] }[];
  /** For each point the one that it becomes in the mirror. */
  mirror: number[];
}

/** A face as the server keeps it. */
export interface Face {
  id: string;
  version: number;
  state: "Proposed" | "Labelled";
  points: Point[];
  hidden: number[];
  score: number;
  confidence?: number | null;
  uncertainty?: [number, number, number][] | null;
  style?: string | null;
  expectedError: number;
}

/** A picture as the filmstrip shows it. */
export interface Summary {
  name: string;
  looked: boolean;
  faces: number;
  labelled: number;
  confidence: number | null;
  error: number;
  style: string | null;
}

export interface Folder {
  folder: string;
  path: string;
  version: string;
  models: string[];
  adapt: { problem: string | null; least: number };
  problem: string | null;
  refused: number;
  scheme: Scheme;
  pictures: Summary[];
}

export interface AdaptStatus {
  state: "idle" | "running" | "done" | "stopped" | "failed";
  model?: string;
  step: number;
  steps: number;
  secondsLeft: number;
  loss: number;
  facesPerSecond: number;
  curve: [number, number][];
  learnt: number;
  errors: { name: string; faces: number; before: number; after: number }[];
  error?: string;
}
