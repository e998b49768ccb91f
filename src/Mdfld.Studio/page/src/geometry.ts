import type { Contour, Point, Scheme } from "./types";

/** A smooth curve through points (Catmull-Rom), as the path of an SVG. */
export function curve(points: Point[], closed: boolean): string {
  const n = points.length;
  if (n === 0) return "";
  const at = (i: number): Point => points[closed ? (i + n) % n : Math.min(Math.max(i, 0), n - 1)]!;
  let path = `M${at(0)[0]} ${at(0)[1]}`;
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
    path += `C${b[0] + (c[0] - a[0]) / 6} ${b[1] + (c[1] - a[1]) / 6} `
      + `${c[0] - (d[0] - b[0]) / 6} ${c[1] - (d[1] - b[1]) / 6} ${c[0]} ${c[1]}`;
  }
  return closed ? path + "Z" : path;
}

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export function boxOf(points: Point[]): Box {
  const xs = points.map((p) => p[0]);
  const ys = points.map((p) => p[1]);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
}

export function centreOf(points: Point[]): Point {
  const box = boxOf(points);
  return [box.left + box.width / 2, box.top + box.height / 2];
}

/** Moves some points: p -> centre + scale * rotation * (p - centre) + by. */
export function transformed(
  points: Point[], chosen: ReadonlySet<number>, by: Point, scale = 1, degrees = 0, centre?: Point,
): Point[] {
  const picked = points.filter((_, i) => chosen.has(i));
  if (picked.length === 0) return points;
  const c = centre ?? centreOf(picked);
  const [cos, sin] = [scale * Math.cos((degrees * Math.PI) / 180), scale * Math.sin((degrees * Math.PI) / 180)];
  return points.map((p, i) => {
    if (!chosen.has(i)) return p;
    const [x, y] = [p[0] - c[0], p[1] - c[1]];
    return [round(c[0] + cos * x - sin * y + by[0]), round(c[1] + sin * x + cos * y + by[1])];
  });
}

/**
 * Gives the other side of the face the shape of the chosen points, mirrored at the face's own axis; points on the axis
 * stay.
 */
export function mirrored(points: Point[], chosen: ReadonlySet<number>, scheme: Scheme): Point[] {
  // The axis halves the lines between partners best: their middles lie on it, their mean direction stands on it.
  const pairs = scheme.mirror.map((j, i) => [i, j] as const).filter(([i, j]) => i < j);
  let [mx, my, dx, dy] = [0, 0, 0, 0];
  for (const [i, j] of pairs) {
    const [a, b] = [points[i]!, points[j]!];
    mx += (a[0] + b[0]) / 2 / pairs.length;
    my += (a[1] + b[1]) / 2 / pairs.length;
    dx += b[0] - a[0];
    dy += b[1] - a[1];
  }
  const length = Math.hypot(dx, dy);
  if (length === 0) return points;
  [dx, dy] = [dx / length, dy / length];
  const result = [...points];
  for (const i of chosen) {
    const partner = scheme.mirror[i]!;
    // Both sides chosen: the picture's left one is the pattern.
    if (partner === i || (chosen.has(partner) && partner < i)) continue;
    const [x, y] = points[i]!;
    const far = 2 * ((x - mx) * dx + (y - my) * dy);
    result[partner] = [round(x - far * dx), round(y - far * dy)];
  }
  return result;
}

/** The ellipse that holds 95 % of a point's error: radii and degrees. */
export function ellipse([xx, xy, yy]: [number, number, number]): { rx: number; ry: number; degrees: number } {
  const [mean, half] = [(xx + yy) / 2, Math.hypot((xx - yy) / 2, xy)];
  const radius = (v: number) => Math.sqrt(5.991 * Math.max(0, v));
  return {
    rx: radius(mean + half), ry: radius(mean - half), degrees: (Math.atan2(2 * xy, xx - yy) * 90) / Math.PI,
  };
}

/** The contour that a point is part of, or the point alone. */
export function partOf(point: number, contours: Contour[]): number[] {
  return contours.find((c) => c.indices.includes(point))?.indices ?? [point];
}

/** A thousandth of a pixel is far below any detector's error. */
export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
