// What the sections share beside the charts of every page: signs of classes, pictures.

const SHAPES = 10;

/** Draw a sign of a class on a canvas: the same class has the same colour and shape on every map. */
function sign(context, shape, x, y, r) {
  context.beginPath();
  const corners = { 1: [4, Math.PI / 4], 2: [3, -Math.PI / 2], 3: [4, 0], 4: [3, Math.PI / 2], 9: [6, 0] }[shape];
  if (shape === 0) context.arc(x, y, r, 0, 2 * Math.PI);
  else if (corners) {
    for (let i = 0; i < corners[0]; i++) {
      const angle = corners[1] + (2 * Math.PI * i) / corners[0];
      context.lineTo(x + 1.2 * r * Math.cos(angle), y + 1.2 * r * Math.sin(angle));
    }
  } else if (shape === 5 || shape === 6) { // plus and cross
    const turn = shape === 6 ? Math.PI / 4 : 0;
    for (let arm = 0; arm < 4; arm++) {
      const angle = turn + (arm * Math.PI) / 2;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (const [along, across] of [[0.45, -0.45], [1.4, -0.45], [1.4, 0.45]]) context.lineTo(x + r * (along * c - across * s), y + r * (along * s + across * c));
    }
  } else for (let i = 0; i < 10; i++) { // star, and arrows to the side
    const radius = shape === 7 ? (i % 2 ? 0.6 : 1.4) : (i < 5 ? 1.3 : 0.5);
    const angle = -Math.PI / 2 + (Math.PI * i) / 5;
    context.lineTo(x + radius * r * Math.cos(angle), y + radius * r * Math.sin(angle));
  }
  context.closePath();
}

/** A picture by name with words under it; `right` frames it: true, false, or null where it is not known. */
function tile(name, title, under, right) {
  const frame = element("div", { class: "frame" + (right === true ? " right" : right === false ? " wrong" : "") });
  const uri = DATA.pictures[name];
  if (uri) {
    const image = element("img", { src: uri, alt: title || "", "data-picture": name });
    image.addEventListener("load", () => { if (image.naturalWidth < 48) frame.classList.add("small"); });
    frame.append(image);
  } else frame.append(element("span", { class: "none" }, t("picture.none")));
  if (right === true || right === false) frame.append(element("span", { class: "sign", role: "img", "aria-label": t(right ? "picture.right" : "picture.wrong") }, right ? "✓" : "✗"));
  return element("div", { class: "tile", title: [title, under].filter(Boolean).join(" · ") }, frame, element("span", { class: "name" }, title || ""), element("span", { class: "name note" }, under || ""));
}
