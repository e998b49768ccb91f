import type { AdaptStatus, Face, Folder, Point, Summary } from "./types";

/** An answer that says no. */
export class Refusal extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly details: unknown,
  ) {
    super(message);
  }
}

type Values = Record<string, string | number | undefined>;

export function address(path: string, values: Values = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values))
    if (value !== undefined) query.set(key, String(value));
  return query.size > 0 ? `api/${path}?${query}` : `api/${path}`;
}

async function ask<T>(method: string, path: string, values: Values = {}, body?: unknown): Promise<T> {
  const isFile = body instanceof Blob;
  const answer = await fetch(address(path, values), {
    method,
    body: body === undefined ? undefined : isFile ? body : JSON.stringify(body),
    headers: body === undefined ? {} : { "content-type": isFile ? "application/octet-stream" : "application/json" },
  });
  const text = await answer.text();
  const json = text ? JSON.parse(text) : {};
  if (!answer.ok) throw new Refusal(json.error ?? answer.statusText, answer.status, json.details);
  return json as T;
}

interface Changed {
  face: Face;
  summary: Summary;
}

export const folder = () => ask<Folder>("GET", "folder");
export const faces = (name: string) => ask<{ faces: Face[]; summary: Summary }>("GET", "faces", { name });
export const detect = (name: string, model: string) =>
  ask<{ faces: Face[]; summary: Summary }>("POST", "detect", { name, model });
export const detectBox = (name: string, model: string, [left, top]: Point, [width, height]: Point) =>
  ask<{ face: Face }>("POST", "detect/box", { name, model }, { left, top, width, height });
export const put = (name: string, face: Face) => ask<Changed>("PUT", "face", { name }, face);
export const remove = (name: string, id: string, version: number) =>
  ask<{ summary: Summary }>("DELETE", "face", { name, id, version });
export const upload = (name: string, file: Blob) => ask<{ name: string }>("PUT", "picture", { name }, file);
export const uploadVideo = (name: string, file: Blob) => ask<{ names: string[] }>("PUT", "video", { name }, file);

export const datasets = () => ask<{ folders: string[] }>("GET", "datasets");
export const dataset = (folder: string) =>
  ask<{ points: number; faces: { picture: string; style: string | null }[] }>("GET", "dataset", { folder });
export const measure = (folder: string, model: string, from: number, count: number) =>
  ask<{ errors: (number | null)[] }>("POST", "dataset/measure", { folder, model, from, count });

export const adaptStatus = () => ask<AdaptStatus>("GET", "adapt");
export const adapt = () => ask<AdaptStatus>("POST", "adapt");
export const stopAdapting = () => ask<AdaptStatus>("DELETE", "adapt");
