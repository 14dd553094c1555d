// Dark scheme between sunset and sunrise at the base stop, where its position is known and the scheme is automatic: a bright screen blinds a driver.
(function () {
  const { lat, lon } = document.currentScript.dataset;
  if (!lat || !lon) return;
  const latitude = (Number(lat) * Math.PI) / 180;
  const longitude = Number(lon);

  function sunIsUp(now) {
    const day = (now - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86400000;
    const declination = -0.4091 * Math.cos((2 * Math.PI * (day + 10)) / 365.25);
    const hours = now.getUTCHours() + now.getUTCMinutes() / 60 + longitude / 15;
    const angle = ((hours - 12) * Math.PI) / 12;
    const height =
      Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(angle);
    return height > -0.0145;
  }

  function choose() {
    document.documentElement.dataset.colorScheme = sunIsUp(new Date()) ? "auto" : "dark";
  }

  choose();
  setInterval(choose, 60000);
})();
