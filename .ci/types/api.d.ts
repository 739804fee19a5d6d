// Written by `make docs` from the API's description (.ci/api_types.py): not to be edited.

declare namespace Api {
  type HTTPValidationError = {
    detail?: Array<ValidationError>;
  };

  /** What the printed link carries. */
  type Token = {
    token: string;
  };

  type ValidationError = {
    loc: Array<string | number>;
    msg: string;
    type: string;
    input?: unknown;
    ctx?: Record<string, unknown>;
  };
}
