// Written by `make docs` from the API's description (.ci/api_types.py): not to be edited.

declare namespace Api {
  /** What a person agreed to be moved. */
  type Agreement = {
    /** `token` of what would be moved. */
    token: string;
  };

  /** Numbers from one to another, which is not in it but in the last bin. */
  type BinAnswer = {
    from: number;
    to: number;
    count: number;
  };

  /** A folder as `GET /folders` names it. */
  type ChosenFolder = {
    root: number;
    path: string;
  };

  /** A group of look-alikes. */
  type ClusterFacts = {
    /** From 1, the largest group first. */
    number: number;
    size: number;
    /** The most common label. */
    label: string | null;
    /** Of the items that have it. */
    share: number;
    /** The most typical, the nearest to the group's centre first. */
    items: Array<ClusterItem>;
  };

  /** A typical item of a group. */
  type ClusterItem = {
    id: string;
    number: number;
    label: string | null;
  };

  /** All groups of a collection. */
  type ClusterList = {
    clusters: Array<ClusterFacts>;
  };

  /** One query in two collections, whose models are compared by what they find. */
  type ComparisonBody = {
    /** Name of a collection. */
    a: string;
    /** Name of another, of the same pictures. */
    b: string;
    /** An item may be one of either; no `descriptor` and no `image`. */
    query: Array<QueryPart>;
    not: Array<QueryPart>;
    /** Results of each. */
    k: number;
  };

  /** What a person decided, all of it or nothing. */
  type Decisions = {
    decisions: Array<Wish>;
  };

  /** A property of items, counted. */
  type FacetAnswer = {
    /** As a filter calls it. */
    name: string;
    kind: "values" | "numbers";
    /** The most frequent first; of numbers only where they are few. */
    values: Array<ValueAnswer>;
    missing: number;
    min: number | null;
    max: number | null;
    bins: Array<BinAnswer>;
    distinct: number;
  };

  /** Facets of the items of a filter. */
  type FacetsAnswer = {
    facets: Array<FacetAnswer>;
  };

  /** An item that was found. */
  type HitAnswer = {
    id: string;
    name: string;
    label: string | null;
    width: number | null;
    height: number | null;
    uri: string | null;
    rank: number;
    similarity: number;
    /** That it is of the query's kind; none for words, and without calibration. */
    probability: number | null;
    /** For words: standard deviations above what is usual in the collection. */
    score: number | null;
  };

  /** Bring a collection up to date with the places that its pictures came from, or with a folder that may be indexed. */
  type IndexJob = {
    kind: "index";
    collection: string;
    /** None: the places that the collection knows. */
    folder?: ChosenFolder | null;
    /** Of a collection without pictures; None: `photo`. */
    model?: string | null;
    /** Remove pictures that are no longer there, however many they are. */
    forget: boolean;
  };

  /** An item. */
  type ItemAnswer = {
    id: string;
    /** Of its file. */
    name: string;
    label: string | null;
    width: number;
    height: number;
    format: string;
    /** Bytes. */
    size: number;
    attributes: Record<string, string | number | null>;
    /** Only where the server shows paths. */
    uri: string | null;
    /** As in layouts and maps. */
    number?: number | null;
  };

  /** An item, and where it was found. */
  type ItemFacts = {
    id: string;
    /** Of its file. */
    name: string;
    label: string | null;
    width: number;
    height: number;
    format: string;
    /** Bytes. */
    size: number;
    attributes: Record<string, string | number | null>;
    /** Only where the server shows paths. */
    uri: string | null;
    /** As in layouts and maps. */
    number?: number | null;
    /** The last part of its place, unless the server shows paths. */
    source: string;
  };

  /** A page of items. */
  type ItemsAnswer = {
    items: Array<ItemAnswer>;
    total: number;
  };

  /** The items that stand for parts of a map. */
  type Landmarks = {
    /** In the order of the map, the most important first. */
    positions: Array<number>;
  };

  /** What the codes of a colouring mean, from 1 on; 0 is what is not known. */
  type Legend = {
    by: string;
    kind: "values" | "numbers" | "clusters";
    entries: Array<LegendEntry>;
    /** Rarer values, which share one further code. */
    others: number;
    /** Items of which it is not known. */
    missing: number;
  };

  /** What a code means: a value, the number of a group, or a range of numbers. */
  type LegendEntry = {
    value?: string | number | null;
    from?: number | null;
    to?: number | null;
    count: number;
  };

  /** Make the UMAP map of a collection, which is then kept beside it. */
  type MapJob = {
    kind: "map";
    collection: string;
    /** Anew, even where a map is kept. */
    again: boolean;
  };

  /** What a map was made of, and what could be made. */
  type MapState = {
    layout: "pca" | "umap";
    /** Of the collection. */
    items: number;
    /** Items that are on the map. */
    points: number;
    /** Items that the layout was fitted to; the others were placed by their neighbours. */
    fitted: number;
    /** Items that came since it was made, and were placed by their neighbours. */
    since: number;
    /** Items that came since and are not on it. */
    missing: number;
    /** Share of the differences that PCA shows; null for UMAP. */
    explained: number | null;
    /** Whether there is a map by UMAP. */
    umap: boolean;
    /** Whether one can be made here. */
    extra: boolean;
  };

  /** That an item is right or wrong as an answer to a query. */
  type MarkAnswer = {
    query: string;
    /** The query in words. */
    asked: string;
    /** None where the item has gone. */
    id: string | null;
    name: string;
    right: boolean;
    /** UTC. */
    made: string;
    model: string;
  };

  /** Marks: all, or those of a query; and the result of the search that was asked for. */
  type MarksAnswer = {
    marks: Array<MarkAnswer>;
    result?: SearchAnswer | null;
  };

  /** A model by the name under which it is listed. */
  type ModelBody = {
    model: string;
  };

  /** The nearest item, whatever was asked of its probability or score. */
  type NearestAnswer = {
    similarity: number;
    probability: number | null;
  };

  /** An item that is a picture of the query itself. */
  type OwnAnswer = {
    id: string;
    name: string;
    label: string | null;
    uri: string | null;
  };

  /** A further page of a result. */
  type PageAnswer = {
    hits: Array<HitAnswer>;
    /** Cursor of the next page. */
    next: string | null;
  };

  /** A part of a query, with what is known of it. */
  type QueryAnswer = {
    kind: "item" | "text" | "upload" | "descriptor";
    item?: string | null;
    text?: string | null;
    upload?: string | null;
    name: string | null;
    width: number | null;
    height: number | null;
    weight: number | null;
    box: [number, number, number, number] | null;
    /** base64url of float16, little endian; none of items without a box, and of words. */
    descriptor: string | null;
  };

  /** One picture of a query, or words: exactly one of `item`, `text`, `upload`, `descriptor` and `image`. */
  type QueryPart = {
    /** Id of an item. */
    item?: string | null;
    /** Words, where the model knows them. */
    text?: string | null;
    /** The sha256 that `POST /uploads` answered. */
    upload?: string | null;
    /** base64url of float16, little endian, of an answer. */
    descriptor?: string | null;
    /** Number of a file of this form: `image_0`, ... */
    image?: number | null;
    /** How much it counts; usually 1, and 0.25 of what is unwanted. */
    weight?: number | null;
    /** Left, top, width and height in pixels of the upright picture. */
    box?: [number, number, number, number] | null;
  };

  /** Groups of safe kinds, decided as suggested. */
  type SafeDecisions = {
    kinds: Array<"identical" | "same picture" | "flipped or rotated" | "cropped or edited" | "near">;
    across: boolean;
    /** `token` of the overview. */
    seen: string;
  };

  /** What is looked for. */
  type Search = {
    /** None: all. */
    kinds?: Array<"identical" | "same picture" | "flipped or rotated" | "cropped or edited" | "near"> | null;
    where?: string | null;
  };

  /** A result; it stays as it is under its `query_id`, for an hour after it was last asked for. */
  type SearchAnswer = {
    hits: Array<HitAnswer>;
    /** Cursor of the next page. */
    next: string | null;
    query_id: string;
    query: Array<QueryAnswer>;
    not: Array<QueryAnswer>;
    /** Hits on all pages. */
    total: number;
    /** Whether no better item can have been missed. */
    exact: boolean;
    itself: Array<OwnAnswer>;
    /** Marked items that the order was learned from. */
    marks: number | null;
    /** Whether the model knows probabilities. */
    calibrated: boolean;
    /** Whether there are words in the query, so that hits have scores. */
    words: boolean;
    nearest: NearestAnswer | null;
    seconds: number;
  };

  /** What the printed link carries. */
  type Token = {
    token: string;
  };

  /** What is taken back. */
  type Undo = {
    /** None: the last one. */
    batch?: number | null;
  };

  /** A picture that was sent. */
  type UploadAnswer = {
    /** The sha256 of its bytes. */
    upload: string;
    name: string;
    width: number;
    height: number;
    format: string;
  };

  /** A value and how many items have it. */
  type ValueAnswer = {
    value: string | number;
    count: number;
  };

  /** What a person wants of a group. */
  type Wish = {
    group: string;
    /** Ids of what stays; all: these are no duplicates. */
    keep: Array<string>;
    /** `decision` of the group when the person saw it. */
    seen?: number | null;
  };
}
