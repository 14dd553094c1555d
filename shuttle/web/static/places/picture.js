// A stop's picture: a large photograph is made smaller before it is sent. Without this script it is sent as it is.
const LONGEST = 1280; // pixels of the longer side
const LARGEST = 390000; // bytes
const QUALITIES = [0.85, 0.7, 0.5];

const file = document.querySelector("#picture-file");

const smaller = async (picked) => {
  const image = await createImageBitmap(picked);
  const scale = Math.min(1, LONGEST / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(image.width * scale);
  canvas.height = Math.round(image.height * scale);
  const drawn = canvas.getContext("2d");
  drawn.fillStyle = "#fff"; // a JPEG has no transparency
  drawn.fillRect(0, 0, canvas.width, canvas.height);
  drawn.drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of QUALITIES) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= LARGEST) return blob;
  }
  return null;
};

file?.addEventListener("change", async () => {
  const [picked] = file.files;
  if (!picked || picked.size <= LARGEST) return;
  try {
    const blob = await smaller(picked);
    if (!blob || file.files[0] !== picked) return;
    const sent = new DataTransfer();
    sent.items.add(new File([blob], "picture.jpg", { type: "image/jpeg" }));
    file.files = sent.files;
  } catch {
    // no picture that this browser knows: the server says what is allowed
  }
});
