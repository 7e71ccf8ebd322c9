-- One StartSyncExecution, again and again; counts what is not a success.
local arn = os.getenv("MACHINE_ARN")
wrk.method = "POST"
wrk.path = "/"
wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
wrk.headers["X-Amz-Target"] = "AWSStepFunctions." .. os.getenv("OPERATION")
wrk.body = string.format('{"stateMachineArn":"%s","input":"%s"}', arn, os.getenv("INPUT_ESCAPED"))

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  wrong = 0
end

function response(status, headers, body)
  if status ~= 200 or (os.getenv("EXPECTED") and not string.find(body, os.getenv("EXPECTED"), 1, true)) then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("wrong")
  end
  io.write(string.format('{"requests":%d,"seconds":%.3f,"p50_ms":%.3f,"p99_ms":%.3f,"max_ms":%.3f,"wrong":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3, wrong))
end
