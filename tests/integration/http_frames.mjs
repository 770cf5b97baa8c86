// How Node's parser takes streams of requests apart: see c/http_frames.c.
import http from "node:http";
import { Duplex } from "node:stream";
import { readFileSync, writeFileSync } from "node:fs";

const input = readFileSync(0);
const lines = [];
const server = http.createServer((request, answer) => {
	const body = [];
	const found = request.socket.found;
	request.on("data", (part) => body.push(part));
	request.on("error", () => {});
	request.on("end", () => {
		found.push(`${request.method} ${request.url} ` +
			Buffer.concat(body).toString("hex"));
		answer.end();
	});
});
server.on("clientError", (_, socket) => socket.destroy());
server.keepAliveTimeout = 0;

function one(stream) {
	return new Promise((done) => {
		const socket = new Duplex({
			read() {},
			write(chunk, encoding, written) { written(); },
		});
		socket.found = [];
		socket.setTimeout = socket.setNoDelay = socket.setKeepAlive =
			socket.ref = socket.unref = () => socket;
		const end = () => done(socket.found);
		socket.on("error", () => {});
		socket.on("close", end);
		server.emit("connection", socket);
		socket.push(stream);
		socket.push(null);
		setTimeout(end, 200).unref();
		// Its end is when nothing more happens.
		let turns = 0, last = -1;
		const look = () => {
			if (socket.destroyed || (socket.found.length === last &&
				++turns > 6))
				return end();
			if (socket.found.length !== last)
				turns = 0;
			last = socket.found.length;
			setImmediate(look);
		};
		setImmediate(look);
	});
}

for (let at = 0; at < input.length;) {
	const length = input.readUInt32BE(at);
	lines.push((await one(input.subarray(at + 4, at + 4 + length)))
		.map((request) => request + "\t").join(""));
	at += 4 + length;
}
writeFileSync(1, lines.join("\n") + "\n");
process.exit(0);
